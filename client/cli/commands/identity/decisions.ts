import type { Command } from 'commander';
import type { Answer } from '../../api.ts';
import { itemsOf, leaf, type Context } from '../../context.ts';
import { cell } from '../../text.ts';

interface ListOptions {
  readonly json?: boolean;
  readonly limit: string;
  readonly cursor?: string;
}

/** What a decision came to, in words: profiles, or why there are none. */
function outcomeOf(decision: Answer): string {
  const { profiles, refusal, error } = decision;
  const reason = refusal ?? error;
  if (reason !== undefined) return cell(reason);
  return Array.isArray(profiles) ? profiles.map(cell).join(' ') : '';
}

/** `tessera identity decisions`: who decided what on who is who, when and why. */
export function registerDecisionRecord(noun: Command, context: Context): void {
  const decisions = noun
    .command('decisions')
    .description('what was decided on who is who: by whom, when and why, and what came of it');
  leaf(decisions, 'list', 'the newest first')
    .option('--limit <n>', 'how many', '50')
    .option('--cursor <cursor>', 'go on where a page ended')
    .action(async ({ json, limit, cursor }: ListOptions) => {
      const answer = await (await context.api()).get('/v1/identity/decisions', { limit, cursor });
      if (json === true) {
        context.terminal.json(answer);
        return;
      }
      context.terminal.table(
        ['decision', 'kind', 'by', 'at', 'reason', 'status', 'came to'],
        itemsOf(answer).map((item) => [
          ...[item['decisionId'], item['kind'], item['actor'], item['requestedAt'], item['reason']],
          ...[item['status'], outcomeOf(item)],
        ]),
        'Nobody has decided anything.',
      );
      if (typeof answer['cursor'] === 'string') context.terminal.line(`More: --cursor ${answer['cursor']}`);
    });
  leaf(decisions, 'show <decision>', 'one of them, and how far its run is').action(
    async (id: string, { json }: { json?: boolean }) => {
      const decision = await (await context.api()).get(`/v1/identity/decisions/${encodeURIComponent(id)}`);
      if (json === true) {
        context.terminal.json(decision);
        return;
      }
      context.terminal.facts([
        ['decision', decision['decisionId']],
        ['kind', decision['kind']],
        ['by', decision['actor']],
        ['at', decision['requestedAt']],
        ['reason', decision['reason']],
        ['status', decision['status']],
        ['came to', outcomeOf(decision)],
      ]);
    },
  );
}
