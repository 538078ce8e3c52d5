import { spawn, type ChildProcess } from 'node:child_process';

/**
 * Waits for the end of its input, which comes when the supervisor is gone however it went, then ends the process it
 * guards: children must not outlive a supervisor that was killed. A shell, since it costs a megabyte and any program
 * can be guarded, Temporal's included.
 */
const SCRIPT = `
trap '' INT HUP TERM
read -r word
[ "$word" = done ] && exit 0
kill -TERM "$1" 2>/dev/null || exit 0
n=0
while [ $n -lt 100 ] && kill -0 "$1" 2>/dev/null; do sleep 0.1; n=$((n + 1)); done
kill -KILL "$1" 2>/dev/null
exit 0
`;

/** Guards a process; the answer ends the guard and leaves the process alone. */
export function guard(pid: number): () => void {
  const shell: ChildProcess = spawn('/bin/sh', ['-c', SCRIPT, 'tessera-guard', String(pid)], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
  });
  shell.on('error', () => undefined);
  shell.stdin?.on('error', () => undefined);
  return () => {
    shell.stdin?.end('done\n');
  };
}
