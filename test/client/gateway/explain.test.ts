import assert from 'node:assert/strict';
import type { Explanation } from '../../../domain/identity/explain/types.ts';
import type { Gateway } from '../../../client/gateway/server.ts';
import { january, openPeople, type People } from '../../storage/profiles/people.ts';
import { gatewayOn } from './support.ts';

describe('explaining over the API', () => {
  let people: People;
  let gateway: Gateway;
  before(async () => {
    people = await openPeople();
    gateway = await gatewayOn(people);
    await people.tell('02', { who: ['anonymousId:a', 'email:jane@example.com'], at: '02' });
    await people.tell('03', { who: ['userId:jane', 'email:jane@example.com'], at: '03' });
    await people.tell('04', { who: ['userId:jane', 'phone:+41791234567'], at: '04' });
    await people.tell('05', { who: ['userId:john', 'phone:+41791234567'], at: '05' });
    await people.tell('06', { who: ['userId:zoe'], at: '06' });
  });
  after(async () => {
    await gateway.close();
    await people.close();
  });

  async function ask(path: string): Promise<{ status: number; type: string; text: string }> {
    const answer = await gateway.app.inject({
      url: `/v1/profiles/${path}`,
      headers: { authorization: 'Bearer token' },
    });
    return { status: answer.statusCode, type: String(answer.headers['content-type']), text: answer.body };
  }
  const explain = async (path: string): Promise<Explanation> =>
    JSON.parse((await ask(path)).text) as Explanation;

  it('tells of each link when it came into force, by which rules, batch and event', async () => {
    const { links, refused } = await explain('userId:jane/explain');
    assert.equal(links.length, 3);
    const login = links.find(({ firstSeen }) => firstSeen === january('03'));
    assert.deepEqual(login?.decided, { recordedAt: january('03'), rulesVersion: 1, cause: 'b2' });
    assert.equal(login.messageId, 'm0002');
    assert.deepEqual([login.a.identifier, login.b.identifier].sort(), [
      'email:jane@example.com',
      'userId:jane',
    ]);
    assert.deepEqual(
      refused.map(({ refusedBy }) => refusedBy),
      ['unique'],
    );
    assert.ok(
      [refused[0]?.a, refused[0]?.b].some((end) => end?.identifier === null),
      'the other person is not named',
    );
  });

  it('shows the path from one identifier to another, and no more', async () => {
    const { between } = await explain('anonymousId:a/explain?to=phone:%2B41791234567');
    assert.equal(between?.samePerson, true);
    assert.deepEqual(
      between.path.map(({ messageId }) => messageId),
      ['m0001', 'm0002', 'm0003'],
    );
    assert.deepEqual(
      between.path.map(({ a, b }) => [a.identifier, b.identifier]),
      [
        ['anonymousId:a', 'email:jane@example.com'],
        ['email:jane@example.com', 'userId:jane'],
        ['userId:jane', 'phone:+41791234567'],
      ],
    );
    const { type, text } = await ask('anonymousId:a/explain?to=phone:%2B41791234567&format=text');
    assert.equal(type, 'text/plain; charset=utf-8');
    assert.match(text, /^anonymousId:a and phone:\+41791234567 are one person, p_/);
  });

  it('shows of two people where the path breaks off and which rule broke it', async () => {
    const { between } = await explain('email:jane@example.com/explain?to=userId:john');
    assert.equal(between?.samePerson, false);
    assert.equal(between.to.identifier, 'userId:john');
    assert.equal(between.path.at(-1)?.refusedBy, 'unique');
    assert.deepEqual((await explain('userId:jane/explain?to=userId:zoe')).between?.path, []);
  });

  it('answers as of a moment and as known at one', async () => {
    const then = await explain(`email:jane@example.com/explain?knownAt=${january('02T12:00')}`);
    assert.equal(then.links.length, 1);
    assert.equal(then.fragments.length, 2);
    const early = await explain(`userId:jane/explain?asOf=${january('03T12:00')}`);
    assert.deepEqual(early.fragments.map(({ type }) => type).sort(), ['anonymousId', 'email', 'userId']);
    assert.equal(early.links.length, 2);
    assert.equal(early.refused.length, 0);
  });

  it('counts a link that a split took back and a link by hand brought again from when it came again', async () => {
    await people.tell('07', { who: ['userId:kim', 'loyaltyId:7'], at: '07' });
    const nodeOf = (type: string, value: string) => ({ fragment: people.log.address({ type, value }), type });
    const [card, kim] = [nodeOf('loyaltyId', '7'), nodeOf('userId', 'kim')];
    const sinceOf = async (messageId: string): Promise<string | undefined> =>
      (await explain('userId:kim/explain')).links.find((link) => link.messageId === messageId)?.decided
        ?.recordedAt;
    const [event] = (await explain('userId:kim/explain')).links;
    assert.equal(event?.decided?.recordedAt, january('07'));
    await people.tell('08', { who: ['userId:nobody-else'], at: '08' });
    const split = { kind: 'split' as const, id: 's1', at: january('08'), away: [card] };
    await people.directory.resolve({ nodes: [], evidence: [], splits: [split] }, 's1');
    const [refused] = (await explain('userId:kim/explain')).refused;
    assert.deepEqual([refused?.refusedBy, refused?.decided?.recordedAt], ['never', january('08')]);
    await people.tell('09', { who: ['userId:nobody-else'], at: '09' });
    const ruling = { rule: 'always' as const, firstSeen: january('09'), source: 'operator', messageId: 'l1' };
    await people.directory.resolve({ nodes: [], evidence: [{ a: kim, b: card, ...ruling }] }, 'l1');
    assert.equal(await sinceOf('l1'), january('09'));
    assert.equal(await sinceOf(event.messageId), january('09'));
  });

  it('draws for Graphviz and Mermaid', async () => {
    const dot = await ask('userId:jane/explain?format=dot');
    assert.equal(dot.type, 'text/vnd.graphviz; charset=utf-8');
    assert.match(dot.text, /^graph "p_[\s\S]*style=dashed[\s\S]*\}\n$/);
    const mermaid = await ask('userId:jane/explain?to=email:jane@example.com&format=mermaid');
    assert.equal(mermaid.text.split('\n').length, 5);
  });

  it('says which of the two is nobody, and which format there is none of', async () => {
    const nobody = await ask('userId:jane/explain?to=userId:nobody');
    assert.equal(nobody.status, 404);
    assert.match(nobody.text, /to: nobody/);
    assert.equal((await ask('userId:nobody/explain?to=userId:jane')).status, 404);
    assert.equal((await ask('userId:jane/explain?format=png')).status, 400);
  });
});
