import { join, relative } from 'node:path';
import type { DemoSummary } from './demo/load.ts';
import { gatewayUrl, temporalUiUrl, type StackPlan } from './stack.ts';

/** The lines that tell a newcomer where to look. */
export function closingLines(plan: StackPlan, demo: DemoSummary | undefined): string[] {
  const { options } = plan;
  const url = gatewayUrl(options);
  const tokens = join(relative(process.cwd(), options.data) || '.', 'tokens.json');
  const shown = tokens.startsWith('..') ? join(options.data, 'tokens.json') : tokens;
  const lines = ['', `Tessera is ready: ${url}`, '', `  API docs      ${url}/docs`];
  const ui = temporalUiUrl(plan);
  if (ui !== undefined) {
    lines.push(
      `  Temporal UI   ${ui}/namespaces/${options.namespace}/workflows`,
      '                npx tessera temporal open makes what its workflows were given and answered readable',
    );
  }
  lines.push(`  tokens        ${shown}`, `  logs          ${join(options.data, 'logs')}`);
  if (demo !== undefined) {
    const token = `$(node -p 'require("${join(options.data, 'tokens.json')}").adminToken')`;
    const counts = Object.entries(demo.events).map(([source, count]) => `${source} ${count}`);
    lines.push(
      '',
      `  One customer, the same by any identifier; events: ${counts.sort().join(', ')}`,
      ...[demo.showcase, ...demo.addresses].map((address) => `    npx tessera profile show ${address}`),
      `    curl -H "Authorization: Bearer ${token}" ${url}/v1/profiles/${encodeURIComponent(demo.showcase)}`,
    );
  } else {
    lines.push('', '  See what there is: npx tessera status');
  }
  lines.push('', 'Ctrl-C stops everything; the data stays.', '');
  return lines;
}
