import { PortClaims } from '../../infra/local/ports.ts';

/** `count` TCP ports of the loopback interface that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const claims = new PortClaims();
  const ports: number[] = [];
  while (ports.length < count) ports.push(await claims.any('127.0.0.1'));
  return ports;
}
