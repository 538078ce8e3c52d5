/**
 * The load: a program of its own that keeps one request in flight on each connection, over bare sockets, because on
 * shared cores a costly client would measure itself. Prints one JSON `LoadResult`.
 */
import { connect, type Socket } from 'node:net';
import { createForms } from './forms.ts';
import type { LoadResult, LoadSpec } from './spec.ts';

const STATUS_EVERY_MS = 100;
const RETRY_DELAY_MS = 20;

const spec = JSON.parse(process.argv[2] ?? '') as LoadSpec;
const formOf = createForms(spec);
const latencies: number[] = [];
const failures: Record<string, number> = {};
const startedAt = performance.now();
const measureFrom = startedAt + spec.warmupSeconds * 1_000;
const measureTo = measureFrom + spec.seconds * 1_000;
let measured = 0;
let sent = 0;
let acknowledged = 0;
let heldBack = false;
let isExhausted = false;
let lastAnswer = startedAt;

function done(): boolean {
  if (isExhausted) return true;
  return spec.events === undefined ? performance.now() >= measureTo : sent >= spec.events;
}

/** Milliseconds until another request may go, 0 for now. */
function hold(): number {
  if (heldBack) return STATUS_EVERY_MS / 4;
  if (spec.rate === undefined) return 0;
  return Math.max(0, (sent / spec.rate) * 1_000 - (performance.now() - startedAt));
}

function count(status: number, began: number): void {
  const now = performance.now();
  lastAnswer = now;
  if (status !== 200) {
    failures[status] = (failures[status] ?? 0) + 1;
    return;
  }
  acknowledged += spec.perRequest;
  if (spec.events === undefined && (now < measureFrom || now > measureTo)) return;
  measured += spec.perRequest;
  latencies.push(now - began);
}

/** The status and the whole length of an answer, where all of it is there. */
function parseAnswer(text: string): number | undefined {
  const end = text.indexOf('\r\n\r\n');
  if (end < 0) return undefined;
  const length = /content-length: *(\d+)/i.exec(text.slice(0, end))?.[1];
  if (length === undefined || text.length < end + 4 + Number(length)) return undefined;
  return Number(text.slice(9, 12));
}

/** One connection, until the load is done. */
function connection(): Promise<void> {
  const form = formOf();
  return new Promise((resolve, reject) => {
    let began = 0;
    let answer = '';
    let request: readonly Buffer[] | undefined;
    let fresh = true;
    const open = (): Socket => {
      const socket = connect(spec.port, spec.host);
      socket.setNoDelay(true);
      socket.setEncoding('latin1');
      socket.once('connect', () => {
        next(socket);
      });
      socket.on('data', (chunk: string) => {
        answer += chunk;
        const status = parseAnswer(answer);
        if (status === undefined) return;
        answer = '';
        count(status, began);
        fresh = status === 200;
        if (fresh) next(socket);
        else
          setTimeout(() => {
            next(socket);
          }, RETRY_DELAY_MS);
      });
      socket.once('error', (error) => {
        count(0, began);
        if (acknowledged === 0) reject(error);
      });
      socket.once('close', () => {
        if (!done()) setTimeout(open, RETRY_DELAY_MS);
        else resolve();
      });
      return socket;
    };
    const next = (socket: Socket): void => {
      if (done()) {
        socket.end();
        return;
      }
      const wait = hold();
      if (wait > 0) {
        setTimeout(() => {
          next(socket);
        }, wait);
        return;
      }
      if (fresh) {
        request = form.next();
        if (request === undefined) {
          isExhausted = true;
          socket.end();
          return;
        }
        sent += spec.perRequest;
      }
      began = performance.now();
      socket.cork();
      for (const part of request ?? []) socket.write(part);
      socket.uncork();
    };
    open();
  });
}

async function watchPending(limit: number): Promise<void> {
  const answer = await fetch(`http://${spec.host}:${spec.port}/v1/status`, {
    headers: { authorization: `Bearer ${spec.adminToken ?? ''}` },
  });
  const status = (await answer.json()) as { sources: Record<string, { pending: number }> };
  heldBack = Object.values(status.sources).reduce((sum, source) => sum + source.pending, 0) > limit;
}

if (spec.maxPending !== undefined) {
  const limit = spec.maxPending;
  setInterval(() => {
    watchPending(limit).catch(() => {
      heldBack = true;
    });
  }, STATUS_EVERY_MS).unref();
}

await Promise.all(Array.from({ length: spec.connections }, connection));
latencies.sort((a, b) => a - b);
const at = (share: number): number =>
  Math.round((latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0) * 100) /
  100;
const seconds = spec.events === undefined ? spec.seconds : (lastAnswer - startedAt) / 1_000;
const now = Date.now() - performance.now();
const result: LoadResult = {
  events: measured,
  requests: latencies.length,
  seconds,
  eventsPerSecond: Math.round(measured / seconds),
  ...{ p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1), failures },
  from: now + measureFrom,
  to: now + Math.min(measureTo, lastAnswer),
  sent: acknowledged,
};
process.stdout.write(`${JSON.stringify(result)}\n`);
