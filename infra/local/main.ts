import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { checkDisk, prepareDataFolder } from './checks.ts';
import { createReporter, type Reporter } from './console.ts';
import { closingLines } from './closing.ts';
import { loadDemo, type DemoSummary } from './demo/load.ts';
import { StartFailure, reasonOf } from './failure.ts';
import { parseOptions, type StartOptions } from './options.ts';
import { planStack } from './plan.ts';
import { gatewayUrl, processMark, Stack, type StackPlan } from './stack.ts';
import { lockDataFolder } from './supervise/lock.ts';
import { endOrphans, PidFile } from './supervise/pids.ts';

const MISUSED = 2;

/** Whether and when somebody asks for the end: a signal, or the command that started us going away. */
interface StopRequest {
  readonly asked: () => boolean;
  readonly when: Promise<void>;
}

function listenForStop(): StopRequest {
  let asked = false;
  const when = new Promise<void>((resolve) => {
    const ask = () => {
      asked = true;
      resolve();
    };
    for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, ask);
    if (process.connected) process.once('disconnect', ask);
  });
  return { asked: () => asked, when };
}

/** Loads the demo; what fails is a warning, since the platform runs without it. */
async function demo(plan: StackPlan, report: Reporter, stop: StopRequest): Promise<DemoSummary | undefined> {
  const { options } = plan;
  if (options.empty) return undefined;
  try {
    return await loadDemo({
      url: gatewayUrl(options),
      data: options.data,
      report,
      isOver: stop.asked,
    });
  } catch (error) {
    if (!stop.asked()) {
      report.warn(`The demo data is not complete: ${reasonOf(error)} The next start goes on with it.`);
    }
    return undefined;
  }
}

/** Brings the stack up and keeps it until the end is asked for. */
async function serve(plan: StackPlan, pids: PidFile, report: Reporter, stop: StopRequest): Promise<void> {
  const address = join(plan.options.data, 'local.json');
  const stack = new Stack(plan, report, pids);
  try {
    const up = stack.start();
    up.catch(() => undefined);
    await Promise.race([up, stop.when]);
    if (stop.asked()) return;
    const { port: gateway, temporalPort: temporal, uiPort: ui } = plan.options;
    const ports = { gateway, ...(plan.temporal === undefined ? {} : { temporal, ui }) };
    await writeFile(address, `${JSON.stringify({ url: gatewayUrl(plan.options), ports })}\n`, {
      mode: 0o600,
    });
    const loaded = await Promise.race([demo(plan, report, stop), stop.when]);
    if (stop.asked()) return;
    for (const line of closingLines(plan, loaded ?? undefined)) report.say(line);
    await stop.when;
  } finally {
    report.step('stopping');
    await rm(address, { force: true });
    await stack.stop();
    report.step(`stopped; the data stays in ${plan.options.data}`);
  }
}

async function run(options: StartOptions, report: Reporter, stop: StopRequest): Promise<void> {
  await prepareDataFolder(options.data);
  await checkDisk(options.data);
  const unlock = await lockDataFolder(options.data);
  try {
    const pids = new PidFile(options.data);
    const orphans = await endOrphans(pids, processMark(options.data));
    if (orphans > 0) report.step(`ended ${orphans} processes that an earlier run left behind`);
    const plan = await Promise.race([planStack(options, process.env, report), stop.when]);
    if (plan !== undefined && !stop.asked()) await serve(plan, pids, report, stop);
  } finally {
    await unlock();
  }
}

async function main(): Promise<number> {
  let options: StartOptions;
  try {
    options = parseOptions(process.argv.slice(2), process.env);
  } catch (error) {
    if (!(error instanceof StartFailure)) throw error;
    process.stderr.write(`${error.message}\n${error.remedy}\n`);
    return MISUSED;
  }
  try {
    await run(options, createReporter(process.stdout, options.quiet), listenForStop());
    return 0;
  } catch (error) {
    if (error instanceof StartFailure) process.stderr.write(`${error.message}\n${error.remedy}\n`);
    else process.stderr.write(`Tessera could not start: ${reasonOf(error)}\nRun npx tessera doctor.\n`);
    return 1;
  }
}

process.exit(await main());
