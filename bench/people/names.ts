import type { Dice } from './dice.ts';

/** Given names, the most frequent first, and what their bearers are also called. */
const GIVEN = (
  'mary john william james elizabeth:liz,beth,betty,lizzie robert:bob,rob,bobby margaret:maggie,peggy,meg thomas:tom,tommy ' +
  'michael:mike,mick david:dave sarah:sally george patricia:pat,tricia jennifer:jen,jenny charles:charlie,chuck ' +
  'joseph:joe,joey susan:sue,susie jessica:jess richard:rick,dick,rich anne:annie daniel:dan,danny karen christopher:chris ' +
  'lisa nancy matthew:matt anthony:tony sandra:sandy mark donald:don ashley steven:steve emily:em andrew:andy,drew kimberly:kim ' +
  'paul donna joshua:josh kenneth:ken carol kevin michelle:shelly brian amanda:mandy dorothy:dot,dolly timothy:tim ' +
  'melissa:mel ronald:ron deborah:deb,debbie edward:ed,ted,eddie stephanie:steph jason rebecca:becky jeffrey:jeff sharon ' +
  'ryan laura jacob:jake cynthia:cindy gary kathleen:kathy nicholas:nick amy eric angela:angie jonathan:jon shirley ' +
  'stephen:steve anna larry brenda justin pamela:pam scott emma brandon nicole:nicky benjamin:ben helen samuel:sam ' +
  'samantha:sam gregory:greg katherine:kate,kathy,katie alexander:alex,sandy christine:chris,tina frank patrick:pat,paddy ' +
  'debra:deb raymond:ray rachel jack carolyn dennis janet jerry catherine:cathy,kate tyler maria aaron heather jose diane:di ' +
  'adam ruth nathan:nate julie henry:harry,hank olivia:liv douglas:doug joyce zachary:zach virginia:ginny peter:pete ' +
  'victoria:vicky kyle kelly ethan lauren walter:walt,wally christina:tina noah joan jeremy evelyn christian judith:judy keith ' +
  'megan roger andrea terry cheryl austin hannah sean jacqueline:jackie gerald:gerry martha:patty carl gloria arthur:art ' +
  'teresa:terry,tess lawrence:larry ann dylan sara jesse madison jordan frances:fran bryan kathryn:kate,kathy billy janice ' +
  'bruce jean gabriel:gabe abigail:abby joe alice logan julia alan judy juan sophia albert:al,bert grace willie denise ' +
  'elijah amber wayne doris randy marilyn vincent:vince danielle mason beverly roy isabella:bella ralph theresa bobby diana'
)
  .split(' ')
  .map((entry) => {
    const [name, nicknames] = entry.split(':') as [string, string | undefined];
    return { name, nicknames: nicknames?.split(',') ?? [] };
  });

const COMMON_SURNAMES = (
  'smith johnson williams brown jones garcia miller davis rodriguez martinez hernandez lopez gonzalez wilson anderson thomas ' +
  'taylor moore jackson martin lee perez thompson white harris sanchez clark ramirez lewis robinson walker young allen king ' +
  'wright scott torres nguyen hill flores green adams nelson baker hall rivera campbell mitchell carter roberts gomez phillips ' +
  'evans turner diaz parker cruz edwards collins reyes stewart morris morales murphy cook rogers gutierrez ortiz morgan cooper ' +
  'peterson bailey reed kelly howard ramos kim cox ward richardson watson brooks chavez wood james bennett gray mendoza ruiz ' +
  'hughes price alvarez castillo sanders patel myers long ross foster jimenez powell jenkins perry russell sullivan bell ' +
  'coleman butler henderson barnes fisher vasquez simmons graham murray ford castro marshall owens harrison hunt palmer'
).split(' ');

const ONSETS = 'b br c ch d dr f fl g gr h j k kr l m n p pr qu r s sh sl st t th tr v w wh z'.split(' ');
const VOWELS = 'a e i o u ai ea ee ie oa oo ou'.split(' ');
const CODAS = 'b ck d g l ll m n nd ng r rd rt s ss st t th x'.split(' ');
const ENDINGS = 'er ley ton son man ford well ham by ing ski ez ini sen berg ett in ock wood worth'.split(
  ' ',
);

/** A made-up word that sounds like a name, the same for the same number. */
function coin(number: number): string {
  let left = number;
  const take = (parts: readonly string[]): string => {
    const part = parts[left % parts.length] as string;
    left = Math.floor(left / parts.length);
    return part;
  };
  return take(ONSETS) + take(VOWELS) + take(CODAS) + take(ENDINGS) + (left > 0 ? coin(left) : '');
}

const RARE_GIVEN = 3_000;
const SURNAMES = 60_000;

export interface GivenName {
  readonly name: string;
  readonly nicknames: readonly string[];
}

/** A given name: three in four of the common ones. */
export function drawGiven(dice: Dice): GivenName {
  if (dice.chance(0.8)) return GIVEN[dice.zipf(GIVEN.length, 12)] as GivenName;
  return { name: coin(7 + dice.zipf(RARE_GIVEN, 50) * 13), nicknames: [] };
}

/** A surname: a long tail after the common ones. */
export function drawSurname(dice: Dice): string {
  const rank = dice.zipf(SURNAMES, 40);
  return COMMON_SURNAMES[rank] ?? coin(rank * 17);
}

/** A made-up name for a place or a street. */
export function drawPlaceName(dice: Dice, count: number): string {
  return coin(3 + dice.zipf(count, 20) * 29);
}
