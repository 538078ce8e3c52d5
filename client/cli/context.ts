import type { Command } from 'commander';
import type { Api } from './api.ts';
import type { Terminal } from './terminal.ts';

/** What every command is given. */
export interface Context {
  readonly env: NodeJS.ProcessEnv;
  readonly terminal: Terminal;
  /** Where answers go as they are, for those that are written piece by piece. */
  readonly out: NodeJS.WritableStream;
  /** Where notes and progress bars go, so that stdout stays for answers. */
  readonly notes: NodeJS.WriteStream;
  api(): Promise<Api>;
  /** Sets the exit code of a command that answered, and whose answer is no. */
  fail(): void;
}

/** A leaf command: every one of them can answer in JSON. */
export function leaf(parent: Command, usage: string, description: string): Command {
  return parent.command(usage).description(description).option('--json', 'answer as JSON, for programs');
}

/** The list in an answer, whatever else it says. */
export function itemsOf(answer: Record<string, unknown>): Record<string, unknown>[] {
  return listOf(answer['items']);
}

/** A list of objects within an answer, empty where there is none. */
export function listOf(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? (value as Record<string, unknown>[]) : [];
}

/** An object within an answer, empty where there is none. */
export function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}
