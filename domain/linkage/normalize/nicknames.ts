/** Given names that are used for one another, a group a line: English names and their usual short forms. */
const GROUPS = `
abigail abby abbie gail
abraham abe bram
adelaide addie adele
albert al bert bertie
alexander alex alec al sandy sasha xander lex
alexandra alex alexa sandra sandy sasha lexi
alfred alf alfie fred
alice ally allie
allison alison ally allie
amanda mandy manda
andrew andy drew
angela angie
ann anne anna annie nan nancy hannah
anthony antony tony ant
archibald archie
arthur art artie
augustus gus august
barbara barb babs barbie
bartholomew bart
beatrice bea trixie
benjamin ben benny benji
bernard bernie
bradley brad
bridget biddy bridie
caroline carol carrie caro
catherine katherine kathryn catharine katharine kate katie kathy cathy kat kitty kath kay
cecilia cissy celia
charles charlie chuck chas chip
charlotte lottie charlie lotte
christian chris
christina christine chris chrissie tina kristina kristine
christopher chris kit topher kris
clarence clarrie
clifford cliff
cornelius con neil
cynthia cindy
daniel dan danny
david dave davy davey
deborah debra deb debbie
dennis denis denny
diana diane di
donald don donnie
dorothy dot dotty dolly dora dottie
douglas doug
edgar ed ned
edmund ed ned ted eddie
edward ed eddie ted ned teddy
edwin ed eddie ned
eleanor ellen nell nellie ella nora lenora elinor
elizabeth elisabeth liz lizzie beth betty betsy eliza lisa bess bessie libby lily elsie
emily em emma millie
emma em emmy
ernest ernie
esther hester essie
eugene gene
evelyn eve evie
ezekiel zeke
ferdinand ferdie
florence flo flossie florrie
frances fran fanny francie
francis frank fran frankie
franklin frank
frederick fred freddie freddy fredric frederic
gabriel gabe
gabrielle gabby
geoffrey jeffrey jeff geoff
george georgie
gerald gerry jerry
gerard gerry jerry
gilbert gil bert
gregory greg
gwendolyn gwen wendy
harold harry hal
harriet hattie harriett
helen nell nellie ellen lena
henrietta etta hetty hettie
henry harry hal hank
herbert bert herb bertie
hubert bert hugh
hugh hughie
ignatius iggy
isaac ike
isabel isabella isobel isabelle bella belle izzy
jacob jake
jacqueline jackie jacqui
james jim jimmy jamie jas
jane jenny janie janet
janet jan jane
jean jeanne jeanie
jennifer jen jenny jenni
jeremiah jerry
jeremy jerry
jessica jess jessie
joan joanie jo
joanna joanne jo
john jack johnny jon jno
jonathan jon jonny nathan jonathon
joseph joe joey jos
josephine jo josie
joshua josh
judith judy jude
julia julie
kenneth ken kenny
kimberly kim
laurence lawrence larry laurie
leonard len lenny leo
leopold leo
leslie les
lillian lily lil lilian
louis lewis lou louie
louisa louise lou
lucy lucille lucinda
madeline madeleine maddie
magdalene lena maggie
malcolm mal
margaret maggie meg peggy madge marge margie greta daisy rita margery
maria marie mary
martha patty mattie
martin marty
mary molly polly mae may mamie minnie
matilda tilly mattie tilda
matthew matt mat
maurice morris
maximilian max
melissa mel missy
michael mike mick micky mikey
michelle shelly
mildred millie
mitchell mitch
montague monty
nathaniel nat nathan nate
nicholas nick nicky nicolas
nicole nicky nikki
oliver ollie noll
olivia liv livvy
oscar oz ozzie
oswald oz ozzie
pamela pam
patricia pat patty tricia trish
patrick pat paddy
penelope penny
percival percy
peter pete
philip phillip phil pip
phillipa philippa pippa
phoebe fee
priscilla cilla
rachel rach
randolph randy
raymond ray
rebecca becky becca
reginald reg reggie
richard dick rick ricky rich richie
robert bob rob bobby robbie bert robin
roderick rod
rodney rod
roger rodge
roland rolly
ronald ron ronnie
rosemary rose rosie
rudolph rudy
rupert bert
russell russ
samantha sam sammy
samuel sam sammy saml
sandra sandy
sarah sara sally sadie
sebastian seb
sidney sydney sid syd
solomon sol
sophia sophie
stanley stan
stephanie steph
stephen steven steve stevie
stuart stewart stu
susan susanna susannah sue susie suzanne suzie
sylvester sly
sylvia silvia
terence terry
teresa theresa terry tess tessa tracy
theodore ted teddy theo
thomas tom tommy thos
timothy tim timmy
tobias toby
valerie val
vanessa nessa
veronica ronnie vera
victor vic
victoria vicky tori vikki
vincent vince vin
virginia ginny ginger
vivian viv
walter walt wally
wilfred wilf
wilhelmina mina minnie
william bill will billy willie wm liam
winifred win winnie freda
zachary zach zack
`;

const groupsOf = new Map<string, number[]>();
for (const [group, line] of GROUPS.trim().split('\n').entries())
  for (const name of line.split(' ')) groupsOf.set(name, [...(groupsOf.get(name) ?? []), group]);

/** The groups of names that a normalized given name is used for; none for most names. */
export function nicknameGroups(name: string): readonly number[] {
  return groupsOf.get(name) ?? [];
}
