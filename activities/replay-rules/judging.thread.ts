import { parentPort, workerData } from 'node:worker_threads';
import type { FragmentId } from '../../domain/identity/identifier.ts';
import { WholeGraph } from '../../domain/identity/whole/columns.ts';
import { compareWhole } from '../../domain/identity/whole/compare.ts';
import { judgeWhole } from '../../domain/identity/whole/judge.ts';
import { reportOf } from '../../domain/identity/whole/report.ts';
import { openApartItem, openHead } from '../../storage/identity/records.ts';
import type { BlockedSample, FromThread, JudgingInput, ToThread } from './protocol.ts';
import { workOf } from './work.ts';

/**
 * Opens heads, numbers their evidence and judges it: minutes of work for a large tenant, on a thread of its own so that
 * the pumps of the process go on.
 */
const port = parentPort;
if (!port) throw new TypeError('this module is the start of a thread');
const { tenant, key, rules } = workerData as JudgingInput;
const graph = new WholeGraph();
const answer = (message: FromThread): void => {
  port.postMessage(message);
};

const taken = (paged: readonly string[]): void => {
  answer({ kind: 'taken', profiles: graph.profiles.all.length, paged, apart: graph.hasApart });
};

port.on('message', (message: ToThread) => {
  switch (message.kind) {
    case 'heads': {
      const paged: string[] = [];
      for (const { pk, value } of message.heads) {
        const head = openHead(tenant, key, pk, value);
        if (head === undefined) paged.push(pk);
        else if (head.mergedInto === undefined && head.vacant !== true) graph.add(head);
      }
      taken(paged);
      return;
    }
    case 'open-head':
      graph.add(message.head);
      return;
    case 'apart':
      for (const { pk, sk, value } of message.items)
        graph.addApart(openApartItem(tenant, key, { pk, sk }, value));
      taken([]);
      return;
    case 'end':
      graph.settleApart();
      answer({ kind: 'read', blocked: blockedNow(), fragments: listed() });
      return;
    case 'judge': {
      const known = message.blocked.map((fragment) => graph.fragments.find(fragment));
      const blocked = new Set(known.filter((number) => number !== undefined));
      const judged = judgeWhole(graph, rules, blocked);
      const difference = compareWhole(graph, judged);
      if (message.wanted === 'report')
        answer({ kind: 'report', report: reportOf(graph, judged, difference) });
      else answer({ kind: 'work', regions: workOf(graph, judged, difference) });
      return;
    }
  }
});

/** Of each fragment that evidence was refused for as blocked, one piece that tells where its value can be read. */
function blockedNow(): BlockedSample[] {
  const samples = new Map<FragmentId, BlockedSample>();
  for (const [index, { a, b, messageId }] of graph.pieces.entries()) {
    if (graph.standing(index) !== 'blocked') continue;
    for (const [end, other] of [
      [a, b],
      [b, a],
    ] as const) {
      const number = graph.fragments.find(end.fragment) ?? -1;
      if (graph.profileOf.at(number) >= 0 && !graph.isolated.has(number)) continue;
      if (!samples.has(end.fragment))
        samples.set(end.fragment, { fragment: end.fragment, shownBy: other.fragment, messageId });
    }
  }
  return [...samples.values()];
}

function listed(): FragmentId[] {
  return graph.fragments.all.filter((_, number) => graph.profileOf.at(number) >= 0);
}
