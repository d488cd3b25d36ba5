"""Words for the same thing in descriptions of films, so that `guy` finds the logline's `man`.

Each line of the table is a group; a query's word looks for the others of its groups, too, at less weight.
"""

_TABLE = """
man guy dude bloke fellow male
woman lady female girl
boy kid child lad schoolboy son
girl kid child schoolgirl daughter
kid child children boy girl
teen teenager teenage adolescent highschool
baby infant newborn toddler
father dad daddy
mother mom mum
parents mother father
brother sibling
sister sibling
twin twins
wife spouse married
husband spouse married
marriage married wedding couple
bride wedding marriage fiancee
couple lovers marriage romance
girlfriend lover fiancee
boyfriend lover fiance
grandfather grandpa granddad
grandmother grandma granny
old elderly aging ageing pensioner senior retired
widow widower
orphan orphanage foster adopted
friend pal buddy friendship
love romance fall
cop police policeman officer detective
detective investigator sleuth inspector cop police
private investigator eye
agent spy cia fbi secret
spy espionage agent secret
killer murderer assassin serial psychopath
kill murder killing slaughter dead
murder killing homicide kill
assassin hitman contract killer
hitman assassin contract
gangster mob mafia mobster gang triad yakuza
gang gangster
thief robber burglar steal heist crook
steal theft rob robbery heist stolen thief
robbery heist bank rob
kidnap abduct abduction kidnapping kidnapped hostage captive
hostage captive kidnapped
prison jail penitentiary convict inmate prisoner
escape breakout flee run
fugitive run wanted hunted
revenge avenge vengeance payback vengeful
war battle soldier combat army
soldier army military troops war
nazi nazis hitler third reich
holocaust concentration camp nazi jewish
jewish jew jews
bomb explosive explosion
gun shooter sniper
weapon gun sword
sword swordsman blade samurai
samurai ronin swordsman warrior
warrior fighter
knight medieval
king royal throne monarch
queen royal throne monarch
prince princess royal
witch witchcraft sorceress magic coven
wizard magician sorcerer magic
magician illusionist magic illusion
vampire bloodsucker dracula undead
zombie undead infected outbreak
werewolf wolf
ghost spirit haunted haunting spectre
haunted ghost house
demon devil possession satan exorcism
exorcism exorcist possession possessed priest
monster creature beast
alien extraterrestrial ufo invasion
spaceship spacecraft ship space
space astronaut spaceship orbit
astronaut space nasa
robot android machine cyborg ai
ai artificial intelligence computer
computer hacker hack
future futuristic dystopia
dystopia dystopian totalitarian future
apocalypse apocalyptic postapocalyptic end world
virus plague pandemic epidemic outbreak disease
disease illness sick ill terminal
cancer terminal illness dying
dying death terminal
dead death corpse die
die death dead dying
suicide kill
disabled paralysed paralyzed wheelchair quadriplegic
paralysed paralyzed paraplegic quadriplegic wheelchair disabled
blind sight
deaf hearing sign
mute silent speechless
amnesia memory forget forgets
memory memories remember forget amnesia
dream dreams dreaming nightmare
loop repeat relive
travel journey trip voyage
trip journey road travel
road trip driving car
car drive driver driving vehicle
driver driving chauffeur taxi
taxi cab driver
truck lorry trucker
train railway railroad station
station railway
plane airplane aircraft flight pilot
pilot plane aviator flying
ship boat vessel sea
boat ship raft
submarine sub underwater
ocean sea water
sea ocean
island stranded castaway tropical
stranded castaway marooned survive
survive survival survivor
survivor survival
shark sharks
dinosaur dinosaurs prehistoric
ape gorilla monkey chimpanzee
dog puppy canine
cat kitten feline
horse pony
fish fishing
fisherman fishing
bear grizzly
rat mouse rodent
mouse rat
insect bug ant
bird birds
lion lions
tiger tigers
elephant circus
toy toys doll
doll puppet toy
puppet marionette
clown circus
circus carnival
school student pupil class highschool
highschool school teenager
teacher professor school tutor
professor teacher university academic
student school college university
college university campus
doctor physician surgeon hospital
nurse hospital
hospital asylum ward
asylum mental psychiatric institution
psychiatrist therapist psychologist shrink
psychologist psychiatrist therapist
crazy insane mad madness
lawyer attorney trial court
trial court courtroom lawyer judge jury
court trial judge
jury juror trial
judge court trial
journalist reporter newspaper press
reporter journalist newspaper
newspaper journalist press reporter
writer author novelist book
author writer novelist
novelist writer author
book novel
poet poetry poems
screenwriter writer hollywood
painter artist painting paint
artist painter art
painting painter
photographer photo camera photograph
camera film photographer
director filmmaker
filmmaker director
actor actress acting movie star
actress actor star
theatre theater stage play
play stage theatre
singer sing singing song musician
musician band music guitarist
band rock musician music group
guitar guitarist
piano pianist
pianist piano
drummer drum drums jazz
violin violinist
dancer dance dancing ballet
ballet ballerina dancer dance
opera opera singer
rapper rap hip hop
fashion designer model
model fashion
chef cook cooking restaurant kitchen
cook chef cooking
restaurant chef diner cafe
waitress waiter diner cafe
food meal eat
wine vineyard
bar pub tavern club
pub bar
drunk alcoholic drinking alcohol booze
alcoholic drunk drinking
drugs drug addict heroin cocaine dealer
dealer drug drugs
addict addiction drugs heroin
money cash fortune rich
rich wealthy millionaire billionaire heiress
wealthy rich millionaire
poor poverty slum working
slum favela ghetto poverty
broke poor unemployed
unemployed jobless fired
boss employer manager
job work employee
office workplace corporate
secretary assistant office
maid servant housekeeper
servant maid butler
butler servant
nanny babysitter governess
babysitter nanny
priest church catholic clergyman
nun convent nuns
church religious priest
preacher priest minister
cult sect
president politician white house
politician election political
election campaign vote
worker workers factory
factory workers industrial
miner mine coal
farmer farm
farm farmer rural
countryside rural village farm
village town rural
town village
small town
city urban
house home mansion
mansion house estate
apartment flat building
neighbor neighbour neighborhood
hotel motel inn
motel hotel
castle fortress
palace castle
forest woods wood
woods forest cabin
cabin woods cottage
jungle rainforest amazon
mountain climbing climber mountains
desert sand
snow winter ice arctic
arctic antarctic polar ice
antarctica antarctic polar
beach sea coast
river lake
lake river
cave underground
underground subterranean tunnel
tunnel underground
christmas santa holiday xmas
santa christmas
holiday vacation trip
vacation holiday
summer holiday
camp summer
party celebration
wedding bride marriage
funeral burial death
inheritance will heir
treasure gold hunt
gold treasure
pirate pirates
cowboy western gunslinger outlaw
outlaw bandit gunslinger
bandit outlaw robber
sheriff marshal lawman
bounty hunter
hunter hunting hunt
slave slavery plantation
racism racist black segregation
racist racism
gay homosexual queer
lesbian women queer
trans transgender
pregnant pregnancy birth abortion
abortion pregnancy
divorce separation custody
affair adultery infidelity cheating
cheating affair infidelity unfaithful
jealous jealousy
obsessed obsession stalker
stalker stalking obsession
stalked stalker
bullied bully bullying
bully bullied
lonely loneliness isolated
isolated remote isolation
lost missing
missing disappearance disappears vanish lost
disappear disappears vanish missing disappearance
vanish disappear missing
search searching find
trapped stuck locked
locked trapped captive imprisoned
stuck trapped
buried coffin
coffin buried
game games contest play
contest competition tournament
competition contest tournament
boxer boxing fight
boxing boxer
fight fighting brawl battle
fighter boxer
wrestler wrestling
football soccer
soccer football
baseball team
basketball team
race racing racer
racing race driver
chess game
poker gambling cards casino
gambling casino gambler
casino gambling
gambler gambling
con conman scam fraud
conman con swindler impostor
scam con fraud
impostor fake pretend imposter
pretend pretends fake impersonate pose disguise
fake pretend false
disguise undercover pretend dress
undercover infiltrate mole disguise
mole undercover
swap switch trade
switch swap
bodies body
body corpse
invisible unseen
tiny shrink small miniature
shrink tiny
giant huge enormous
superhero hero powers
powers superpowers abilities
psychic telepathic telekinetic
telekinesis psychic
mutant mutants
clone clones cloning
scientist experiment lab professor
experiment scientist test
invention inventor machine
inventor invention
time machine travel
accident crash
crash accident
flood disaster
disaster catastrophe
earthquake disaster
tornado storm
storm hurricane
meteor asteroid comet
comet asteroid meteor
moon lunar
mars martian
planet world
letter letters
diary journal
phone call telephone
video tape
television tv show
tv television show
radio broadcast
internet online web
bike bicycle
bicycle bike
motorcycle biker motorbike
biker motorcycle
bus coach
elevator lift
stairs staircase
tattoo tattoos
mask masked
ring jewel
necklace jewel diamond
diamond jewel jewels
red crimson
paris french france
london england english
rome italy
tokyo japan
berlin germany
york manhattan nyc
hollywood los angeles
"""
GROUPS = tuple(tuple(line.split()) for line in _TABLE.strip().splitlines())
