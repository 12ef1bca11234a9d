"""Sentences that are addressed to the model, and sentences that are not. Written for this project; seeded.

Training and evaluation share neither a template nor a word that fills one.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Literal

Split = Literal["train", "test"]
Kind = Literal["query", "aside"]

_QUERIES: dict[Split, str] = {
    "train": """What is the capital of {country}?|Can you tell me about the {animal}?|How does a {device} work?
Tell me a short story about a {animal}.|Why do people like {food}?|Where can I find a good {device}?
Please explain what a {job} does.|How do I cook {food}?|Which {animal} is the fastest?|Who invented the {device}?
Write a poem about {food}.|What should I pack for a trip to {country}?|Is {food} good for my health?
How many people live in {country}?|Give me three ideas for a party with {food}.|What can you see in this picture?
Can you help me with my {device}?|Describe the {animal} for a child.|When was the {device} invented?
What language do they speak in {country}?|Should I become a {job}?|How old can a {animal} get?
Recommend a book about {country}.|Could you explain how to repair a {device}?|What does a {job} earn?
What is the difference between a {animal} and a {animal}?|Show me how to make {food} at home.
What is this?|What colour is the {animal}?|How do you say thank you in the language of {country}?
Name five things that a {job} needs.|What is the weather like in {country}?|Who is the president of {country}?
I would like to know more about {country}.|Do you know why a {animal} sleeps so much?|Tell me a joke about a {job}.
How long does it take to fly to {country}?|Translate the word {food} for me.|What is two plus two?
Are there any {animal}s in {country}?|How can I learn to be a {job}?|Say something nice about my {animal}.
Set a plan for a week of {food}.|What do you think of {country}?|Summarise the history of the {device}.
Which sea is next to {country}?|What do {animal}s eat?|Could you compare a {device} with an older one?
How heavy is a {animal}?|What is the best time to visit {country}?|Suggest a recipe with {food} for tonight.
Do I need a licence to work as a {job}?|Why does my {device} make a strange noise?|Who are you?
Please list some famous dishes from {country}.|Can a {animal} swim?|What are the parts of a {device}?
How is {food} made?|Give me some advice about becoming a {job}.|Is it safe to keep a {animal} at home?
Tell me which city in {country} is the largest.|How much does a {device} cost?|What is in the image?
Describe what a {job} does on a normal day.|Can you write a letter to a {job} for me?
Explain why {food} is so popular.|What sound does a {animal} make?|How far is {country} from here?
When should I eat {food}?|Help me choose a {device}.|What is the currency of {country}?
Would you tell me how the {device} was discovered?|Which {food} is the sweetest?
Hey, what's the time in {country}?|Vita, tell me about the {animal}.|How many legs does a {animal} have?
What happened in {country} in the last century?|Can you recommend a good film?|What's the meaning of this sign?
I need help with my homework.|I want to know how a {device} is made.|I'd like a recipe for {food}, please.
Compare {country} with {country}.|Do {animal}s live in {country}?|Is it true that {animal}s can see at night?
What does this picture show?|Count from one to ten.|Spell the word {animal}.|Explain this to me in simple words.
Which is bigger, a {animal} or a {animal}?|What should I say to a {job}?|What would happen if I left {food} in the sun?
Tell me what happened in the video.|Sing me a song.|Can I eat {food} every day?|How do I get to {country}?
What time is it?|Who wrote that book about {country}?|How are you today?|What's your name?|Can you hear me?
Let me know what you think of {food}.|Repeat what I said.|Help me write a message to my {job}.|Why is that so?
Are you able to draw a {animal}?|Does a {device} need electricity?|Where does {food} come from?|Please go on.
Could you tell me why the {animal} makes that noise?|Was {country} once a kingdom?|Did people use a {device} then?
I was wondering how a {device} works.|Make a list of things to buy for {food}.|Which one is the {job}?
Tell me more.|Stop and explain that again.|How can I make my {device} faster?|Solve five times seven for me.
What do you know about {country}?|Give me an example of a {job}.|What is a {animal}?|Define the word {device}.
Find a rhyme for {food}.|Do you like {animal}s?|Would a {animal} eat {food}?|Remind me what a {device} does.
If I were a {job}, what would I do all day?|Teach me a word from {country}.|Guess how old I am.
What's your favourite {food}?|Can you tell me what a {job} wears?|Read me the news.|Remember that for later.
Turn that into a list.|Make it shorter, please.|What was the first {device} called?|Where was the {device} invented?
Why is {country} famous?|How tall is a {animal}?|Is {country} in Europe?|Who was the first {job}?
Can you give me a hint?|Please answer in one sentence.|Quiz me about {country}.|Play a game with me.
Tell me something funny.|What is the plural of {animal}?|How do you spell {food}?|Which {job} earns the most?
Are {animal}s dangerous?|Do {job}s work at night?|Did {country} win the last match?|Will a {device} work in {country}?
Can I buy {food} in {country}?|Could I keep a {animal} in my flat?|Should {animal}s eat {food}?
May I ask you something?|Would you write a song about {country}?|Have you ever heard of {country}?
Has the {device} changed much since then?|Was the {device} an important invention?
Were there {animal}s in {country} long ago?|I'm looking for information about {country}.
I'd like to learn about {food}.|I have a question about my {device}.|I don't understand how a {device} works.
I can't find my {device}, what should I do?|Please give me directions to {country}.|Please correct my sentence.
Please help me, my {device} is broken.|Explain it again, please.|Answer this question for me.
Name the largest city in {country}.|List three {animal}s.|Write me a note for the {job}.|Check if {food} is healthy.
Look up {country} for me.|Search for a {job} near me.|Find out when the {device} was made.|Imagine you are a {job}.
Pretend to be a {animal}.|Talk to me about {food}.|Go on with the story.|Start over, please.|Speak louder, please.
Add {food} to my shopping list.|Remind me to call the {job}.|Calculate nine times six.|What's twelve divided by three?
What does the word {device} mean?|How was your day?|What are you?|Who made you?|Can you speak another language?
Could you repeat the question?|What's the best {food} in {country}?|Who is the most famous {job} in {country}?
When do people in {country} eat {food}?|How many {animal}s are there in {country}?|How can I tell if {food} is fresh?
Why can't a {animal} fly?|What's wrong with my {device}?|Which part of the {device} is this?
Whose job is it to feed a {animal}?""",
    "test": """Which river flows through {country}?|How long does a {animal} live?|What makes a {device} stop working?
I would love to hear a fact about {animal}s.|Can you suggest a present for a {job}?|Is a {device} hard to build?
What are three words that rhyme with {food}?|How do people greet each other in {country}?|What is ten minus four?
Who discovered {food}?|Tell me how to store {food}.|Should I buy a new {device}?|What's in this photo?
How do I become a {job}?|Could a {animal} win a race against a {animal}?|Please read this to me.
Why are {animal}s so quiet?|Does it snow in {country}?|Name a famous {job}.|What colour is {food} before it is cooked?
Explain the difference between a {device} and a {device}.|Are you a real person?|Translate good morning for me.
Where do {animal}s sleep?|What tools does a {job} use?|Tell me a fairy tale from {country}.|What can you do?
Give me some tips for a long trip to {country}.|How often should I clean my {device}?
Has anyone walked across {country}?
What goes well with {food}?|Invent a name for my {animal}.|Do I need a visa for {country}?|What did I just say?
Which year did the {device} first go on sale?|Help me plan a garden.|When do {animal}s wake up?
Show me a short poem about a {job}.|Can you say that again more slowly?|Why does {food} smell so good?""",
}
_ASIDES: dict[Split, str] = {
    "train": """I told him that the {device} was broken.|We went to {country} last summer and it rained.
She is working as a {job} now.|The {animal} ran across the road this morning.|My sister doesn't like {food}.
Honey, did you feed the {animal}?|He said he would bring the {food}.|Okay, see you later then.
Yeah, exactly, that's what I said.|They moved to {country} two years ago.|Mom, I'm home.
The meeting with the {job} was moved to Friday.|I'm just looking for my {device}.|Don't touch that, it's hot.
And now the news from {country}.|The train to the city leaves from platform nine.|Hold on, someone is at the door.
Put the {food} on the table, please, dear.|I think the {animal} is asleep.|No, not you, I was talking to Peter.
We had {food} for dinner yesterday.|His uncle was a {job} for thirty years.|Sorry, I am on the phone.
The police reported that a {animal} escaped from the zoo.|In the second half the team from {country} scored.
I left the {device} in the car.|Come here, boy, good dog.|It was a quiet evening in the village.
You should have seen her face when the {animal} came in.|All right, let's go, we are late.
The {job} closed the door and walked away.|I can't believe he bought another {device}.
Mister Smith had two {animal}s and a {device}.|Tom, your {food} is getting cold.|Uh huh.|Mm hmm, right.
She was reading a book about {country} when the lights went out.|I forgot to call the {job}.
The prices of {food} rose again this year.|We will be back after the break.|Children, wash your hands.
He has never been to {country}.|There were {animal}s everywhere.|That {device} belongs to my brother.
Her father sold the {device} to a {job}.|I saw a {animal} in the garden again.|Dad, where are my shoes?
They are flying to {country} on Monday.|The {food} was a bit too salty for me.|Well, I guess so.
Anna, can you hand me the {device}?|Our neighbour works as a {job} in the city.|Be quiet, the baby is sleeping.
The minister from {country} arrived in the capital today.|We ran out of {food} last night.
Two {animal}s were lying under the tree.|I'll be there in ten minutes, bye.|Oh no, I dropped the {device}.
He looked at the {animal} and said nothing.|It will be cloudy in the north with some rain.
My boss wants the report by Thursday.|She married a {job} from {country}.|Thanks, I already had some {food}.
The old {device} stopped at midnight.|So then he just left without a word.|Ben, stop pulling the {animal}'s tail.
Once upon a time there lived a poor {job}.|I prefer the other {device}, to be honest.
This programme was brought to you by our sponsors.|Yes, Grandma, I will.|Everybody in {country} knew the song.
You two go ahead, I'll wait for the {job}.
We are having {food} tonight, as always.|I bought the {device} on Saturday.|He asked me where the {job} was.
She wanted to know what the {animal} ate.|My brother told the {job} a joke.|They sell {food} at that market.
I really like this {device}.|The weather in {country} has been terrible.|It's my turn now.
That's very kind of you, Mary.
I wonder if Peter fed the {animal}.|Good night, sweetheart.|Excuse me, sir, this seat is taken.|I have to go now.
Good evening, ladies and gentlemen.|Next stop, central station.|Passengers for {country}, please go to gate four.
My mother was born in {country}.|I'm so tired today.|Lisa, where did you put my {device}?|John, are you coming?
The doctor told her to eat more {food}.|Our {animal} is called Max.|You never listen to me, Frank.|Ouch, that hurt.
Grandpa, do you want some {food}?|He opened the {device} and looked inside.|And that is how the {job} lost his hat.
As I was saying to Susan, the {food} was cold.|It was raining when we left {country}.|Let's ask the {job} over there.
Shares in {country} fell by two percent.|The match ended in a draw.|The {animal} was sitting on the {device}.
In the morning the {job} found a {animal} at the gate.|My phone is ringing, one moment.|We should call your sister.
I'm going to the shop to get some {food}.|Look, Emma, a {animal}!|Nobody in the village had ever seen a {device}.
I think we've met before.|Never mind, it's nothing.|Well, you know how it is.|Ha, that was funny.|Exactly.
She said that she had been to {country} twice.|He works with a {job}.|No, I don't think so, darling.|Right, okay.
I gave the {animal} to my neighbour.|You forgot your {device}, Paul.|The children played with the {animal} all day.
Traffic is slow on the road to the airport.|This is the last call for the flight to {country}.
Hello, this is Anna speaking.
Yes, I can hear you, Mum, go ahead.|Waiter, the bill, please.|The old man sold {food} in the street.|Hang on a second.
Then the king said to the {job}, bring me {food}.|I always wanted a {animal}.|Sit, Rex, sit.|Oh, I see.
{name}, can you come here for a moment?|{name}, did you lock the door?|{name}, is that your {device}?
{name}, where are we going?|{name}, what did the {job} say?|{name}, pass me the {food}, would you?
Have you seen my {device}, {name}?|What do you want for dinner, {name}?|How was school today, {name}?
Are you ready, {name}?|Did you call the {job}, {name}?|Where have you been, {name}?|{name}, stop it.
{name}, look at that {animal}.|{name}, who was on the phone?|{name}, why is the {animal} in the kitchen?
Happy birthday, {name}.|Nice to meet you, {name}.|Goodbye, {name}, see you on Monday.
{name} said the {device} was too expensive.|{name} and I are going to {country}.|I met {name} at the {job}'s house.
{name} never eats {food}.|{name} bought a {animal}.|I heard that {name} works as a {job} now.
They asked {name} about {country}.|{name} wondered why the {animal} was awake.|The {job} told {name} to wait.
She said she would call the {job} in the morning.|He told me what the {device} does.|I know how the {device} works.
We know where {country} is.|I asked him how he cooks {food}.|The book explains how a {device} works.
My teacher told us about {country}.|The man at the desk was reading.|It is eight o'clock.|It's getting dark outside.
There is a {animal} on the roof.|There are two {job}s in our family.|The sun was shining over {country}.
The {food} smells good.|Your {animal} is very friendly.|Our new {device} arrived this morning.
Their {device} makes a lot of noise.|His {animal} ran away in the night.|Nobody likes that {food}.
Everyone was talking about {country}.|Everything was quiet.|Something fell on the floor.|Someone left the {device} on.
Last night the {job} came home late.|Tomorrow we are meeting the {job}.|Next week she starts as a {job}.
In {country} they drink a lot of tea.|After lunch the {job} went back to work.|Before the war he was a {job}.
When I was young we had a {animal}.|If it rains we stay at home.|Although he was a {job}, he had no {device}.
Of course, no problem.|Sure, I'll do it.|That's fine with me.|I love you too.|Take care, bye.
Good luck with the {device}.|Sounds good, see you then.|Ladies and gentlemen, the {job} of the year.
This is the news at nine.|Tickets are sold at the gate.|Please mind the step.|The shop closes in ten minutes.
Attention please, the museum is closing.|And here comes the goal.|The temperature will fall to two degrees.
Chapter one.|The old {job} looked at the sky.|And so the {animal} went home.|I think it's a {animal}.
I hope the {job} comes soon.|I feel much better now.|I'll have the {food}, please.|I just finished my {food}.
You look tired.|You left your {device} here yesterday.|You can't park here, sir.|We've been waiting for the {job}.
We used to live in {country}.|Let me through, please.|Turn left at the lights, darling.
Give the {animal} some water, {name}.|Put your shoes on, {name}.|Bring me the {device}, {name}.
Tell {name} that I'm late.|Ask {name} if she wants {food}.""",
    "test": """Her cousin moved to {country} to be a {job}.|I dropped the {food} on the floor.
Kate, have you fed the {animal} yet?
The {device} has been in our family for years.|We had to wait an hour for the {job}.|Oh come on, Dave, not again.
A {animal} was standing in the middle of the street.|Thank you for calling, goodbye.|My back hurts from all that work.
The parliament of {country} voted against the plan.|I'm meeting a friend in town later.|Dinner's ready, everyone.
The {job} and the {animal} became good friends.|You can leave the {device} over there, Steve.|No worries, mate.
He said the {food} tasted like soap.|I haven't slept well since Tuesday.|Doors are closing, please stand back.
They lost three games in a row.|Sarah, whose {device} is this?|She carried the {food} up the stairs.
Yesterday I nearly hit a {animal} with my car.|Good boy, well done.|Sorry, wrong number.|Hmm, maybe, I don't know.
It was the finest {device} in all of {country}.|I told you, Tim, I'm busy.|Our plane to {country} was late.
There used to be a {job} in this street.|You look lovely tonight, dear.|Heavy rain is expected in the south.
Uncle Bob, can we go home now?|The {animal} jumped over the fence and was gone.|And the winner is the team in blue.
My grandmother makes the best {food}.|Somebody left a {device} on the bus.|Okay, talk to you tomorrow.
The {job} asked them what they wanted to eat.|Wait for me, Julia.|He whispered something to the {animal}.""",
}
_TABLES: dict[Kind, dict[Split, str]] = {"query": _QUERIES, "aside": _ASIDES}
_WORDS: dict[Split, dict[str, str]] = {
    "train": {
        "country": "France Japan Brazil Canada Egypt Italy Mexico Norway Kenya India Germany China Spain Sweden Peru",
        "animal": "dog horse lion elephant rabbit tiger eagle snake whale monkey cat cow wolf bear giraffe penguin",
        "device": "telephone computer camera radio bicycle engine clock printer television lamp telescope piano drill",
        "food": "pizza bread cheese soup rice chocolate salad apples pancakes fish pasta honey cake potatoes beans",
        "job": "teacher doctor pilot farmer lawyer painter nurse baker soldier writer gardener judge singer dentist",
        "name": "Peter Mary Susan Frank Emma Paul Anna Tom Lisa John Ben Linda Mark Laura Jack Nina George Helen David",
    },
    "test": {
        "country": "Poland Australia Turkey Chile Ireland Vietnam Morocco Iceland",
        "animal": "hamster parrot camel kangaroo turtle spider goat zebra",
        "device": "hammer toaster guitar microscope keyboard fridge compass scooter",
        "food": "butter carrots sausages noodles yogurt strawberries peanuts cereal",
        "job": "plumber carpenter librarian waiter butcher scientist tailor sailor",
    },
}


def sentence_templates(kind: Kind, split: Split) -> list[str]:
    """Sentences of that kind with slots for words, "{animal}" and the like."""
    return [line for part in _TABLES[kind][split].splitlines() for line in part.split("|")]


def fill_templates(templates: Sequence[str], split: Split, count: int, seed: int) -> list[str]:
    """``count`` sentences with words of ``split``, the templates in turn; the same seed gives the same sentences."""
    random_ = random.Random(seed)
    order = [one for _ in range(count // len(templates) + 1) for one in random_.sample(templates, len(templates))]
    sentences = []
    for template in order[:count]:
        sentence = template
        for slot, words in _WORDS[split].items():
            for word in random_.sample(words.split(), sentence.count(f"{{{slot}}}")):
                sentence = sentence.replace(f"{{{slot}}}", word, 1)
        sentences.append(sentence)
    random_.shuffle(sentences)
    return sentences


def query_sentences(split: Split, count: int, seed: int) -> list[str]:
    """Questions and requests to the model."""
    return fill_templates(sentence_templates("query", split), split, count, seed)


def aside_sentences(split: Split, count: int, seed: int) -> list[str]:
    """What people say to each other, or to nobody, or on the radio."""
    return fill_templates(sentence_templates("aside", split), split, count, seed)


def words_of(split: Split) -> set[str]:
    """The words that fill the templates of one part, in small letters."""
    return {word.lower() for words in _WORDS[split].values() for word in words.split()}
