import { anyPort } from '../../infra/local/ports.ts';

/** `count` TCP ports of the loopback interface that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await anyPort('127.0.0.1', 0));
  return [...ports];
}
