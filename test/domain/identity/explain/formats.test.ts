import assert from 'node:assert/strict';
import { explanationDot, explanationMermaid } from '../../../../domain/identity/explain/graph.ts';
import { explanationText } from '../../../../domain/identity/explain/text.ts';
import { refusalText } from '../../../../domain/identity/explain/sentences.ts';
import type { ExplainedEnd, Explanation } from '../../../../domain/identity/explain/types.ts';

const end = (key: string | null, fragment: string, type = 'email'): ExplainedEnd => ({
  fragment,
  type,
  identifier: key,
});
const jane = end('userId:jane', 'f1', 'userId');
const email = end('email:"j"\\<b>@example.com', 'f2');
const card = end('crmId:7', 'f3', 'crmId');
const stranger = end(null, 'f4', 'userId');
const at = '2026-01-01T00:00:00.000Z';

const explanation: Explanation = {
  profileId: 'p_1',
  mintedAt: at,
  rulesVersion: 3,
  fragments: [jane, email, card],
  links: [
    {
      a: jane,
      b: email,
      rule: 'same-event',
      rulesVersion: 2,
      firstSeen: at,
      source: 'web',
      messageId: 'm1',
      decided: { recordedAt: at, rulesVersion: 2, cause: 'b1' },
    },
    {
      a: email,
      b: card,
      rule: 'probabilistic',
      rulesVersion: 3,
      firstSeen: at,
      source: 'linkage',
      messageId: 'run-1',
      score: 0.98765,
      model: '4',
      waterfall: {
        prior: -10,
        steps: [{ comparison: 'surname', level: 'exact', weight: 9.5 }],
        total: 6.32,
        probability: 0.98765,
      },
    },
  ],
  refused: [
    {
      a: email,
      b: stranger,
      rule: 'same-event',
      rulesVersion: 3,
      firstSeen: at,
      source: 'pos',
      messageId: 'm2',
      refusedBy: 'unique',
      limitedType: 'userId',
    },
  ],
  rulings: [
    { id: 'r1', at, rule: 'always', a: [jane], b: [card] },
    { id: 'r2', at, rule: 'never', a: [jane], b: [card, email] },
    { id: 'r3', at, rule: 'never', a: [], b: [card] },
  ],
};

describe('an explanation', () => {
  it('reads as sentences: every link with rule, version and event, every score with its bill', () => {
    assert.equal(
      explanationText(explanation),
      `p_1, known since ${at}, rules version 3
  userId:jane
  email:"j"\\<b>@example.com
  crmId:7

Links in force: 2
  userId:jane --- email:"j"\\<b>@example.com
      seen on one event: m1 of web, ${at}
      in force since ${at}, rules version 2, by b1
  email:"j"\\<b>@example.com --- crmId:7
      records alike: probability 0.9877 by model 4, run run-1, ${at}
      rules version 3
        before any                                    -10.00
        surname          exact                          9.50
        in all (bits)                                   6.32

Links refused: 1
  email:"j"\\<b>@example.com -/- userId of another (f4)
      seen on one event: m2 of pos, ${at}
      refused by unique: two values of userId never share a profile

Rulings: 3
  always one: userId:jane with crmId:7 (r1, ${at})
  never one: userId:jane apart from crmId:7, email:"j"\\<b>@example.com (r2, ${at})
  never one: crmId:7 (r3, ${at})
`,
    );
  });

  it('says of two people what parts them, and of one what connects the two identifiers', () => {
    const two = {
      ...explanation,
      between: { from: jane, to: stranger, samePerson: false, toProfileId: 'p_2', path: explanation.refused },
    };
    assert.match(
      explanationText(two),
      /^userId:jane \(p_1\) and userId of another \(f4\) \(p_2\) are two people: two values/,
    );
    const strangers = { ...two, between: { ...two.between, path: [] } };
    assert.match(explanationText(strangers), /nothing connects them\.\n$/);
    const one = {
      ...explanation,
      between: { from: jane, to: card, samePerson: true, toProfileId: 'p_1', path: explanation.links },
    };
    assert.match(explanationText(one), /^userId:jane and crmId:7 are one person, p_1:\n {2}userId:jane --- /);
  });

  it('is drawn by Graphviz, whatever is in the identifiers', () => {
    assert.equal(
      explanationDot(explanation),
      `graph "p_1" {
  node [shape=box, fontname="sans-serif"];
  edge [fontname="sans-serif", fontsize=10];
  n0 [label="userId:jane"];
  n1 [label="email:\\"j\\"\\\\<b>@example.com"];
  n2 [label="crmId:7"];
  n3 [label="userId of another (f4)"];
  n0 -- n1 [label="same-event"];
  n1 -- n2 [label="probabilistic 0.988"];
  n1 -- n3 [label="same-event, refused: unique", style=dashed, color=red];
}
`,
    );
  });

  it('is drawn by Mermaid, whatever is in the identifiers', () => {
    assert.equal(
      explanationMermaid(explanation),
      `graph LR
  n0["userId:jane"]
  n1["email:#34;j#34;#92;#60;b#62;@example.com"]
  n2["crmId:7"]
  n3["userId of another #40;f4#41;"]
  n0 ---|"same-event"| n1
  n1 ---|"probabilistic 0.988"| n2
  n1 -.-|"same-event, refused: unique"| n3
`,
    );
  });

  it('has a sentence for every rule that refuses', () => {
    const rules = [
      'never',
      'unique',
      'limit',
      'source-trust',
      'blocked',
      'shared-device',
      'junk',
      'held',
      'too-large',
    ];
    const sentences = rules.map((refusedBy) =>
      refusalText({ refusedBy: refusedBy as 'never', limitedType: 'email' }),
    );
    assert.equal(new Set(sentences).size, rules.length);
  });
});
