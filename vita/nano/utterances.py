"""Sentences that are addressed to the model, and sentences that are not. Written for this project; seeded.

Training and evaluation share neither a template nor a word that fills one.
"""

from __future__ import annotations

import random
from typing import Literal

Split = Literal["train", "test"]

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
Set a plan for a week of {food}.|What do you think of {country}?|Summarise the history of the {device}.""",
    "test": """Which sea is next to {country}?|What do {animal}s eat?|Could you compare a {device} with an older one?
How heavy is a {animal}?|What is the best time to visit {country}?|Suggest a recipe with {food} for tonight.
Do I need a licence to work as a {job}?|Why does my {device} make a strange noise?|Who are you?
Please list some famous dishes from {country}.|Can a {animal} swim?|What are the parts of a {device}?
How is {food} made?|Give me some advice about becoming a {job}.|Is it safe to keep a {animal} at home?
Tell me which city in {country} is the largest.|How much does a {device} cost?|What is in the image?
Describe what a {job} does on a normal day.|Can you write a letter to a {job} for me?
Explain why {food} is so popular.|What sound does a {animal} make?|How far is {country} from here?
When should I eat {food}?|Help me choose a {device}.|What is the currency of {country}?
Would you tell me how the {device} was discovered?|Which {food} is the sweetest?""",
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
He has never been to {country}.|There were {animal}s everywhere.|That {device} belongs to my brother.""",
    "test": """Her father sold the {device} to a {job}.|I saw a {animal} in the garden again.|Dad, where are my shoes?
They are flying to {country} on Monday.|The {food} was a bit too salty for me.|Well, I guess so.
Anna, can you hand me the {device}?|Our neighbour works as a {job} in the city.|Be quiet, the baby is sleeping.
The minister from {country} arrived in the capital today.|We ran out of {food} last night.
Two {animal}s were lying under the tree.|I'll be there in ten minutes, bye.|Oh no, I dropped the {device}.
He looked at the {animal} and said nothing.|It will be cloudy in the north with some rain.
My boss wants the report by Thursday.|She married a {job} from {country}.|Thanks, I already had some {food}.
The old {device} stopped at midnight.|So then he just left without a word.|Ben, stop pulling the {animal}'s tail.
Once upon a time there lived a poor {job}.|I prefer the other {device}, to be honest.
This programme was brought to you by our sponsors.|Yes, Grandma, I will.|Everybody in {country} knew the song.
You two go ahead, I'll wait for the {job}.""",
}
_WORDS: dict[Split, dict[str, str]] = {
    "train": {
        "country": "France Japan Brazil Canada Egypt Italy Mexico Norway Kenya India",
        "animal": "dog horse lion elephant rabbit tiger eagle snake whale monkey",
        "device": "telephone computer camera radio bicycle engine clock printer television microwave",
        "food": "pizza bread cheese soup rice chocolate salad apples pancakes fish",
        "job": "teacher doctor pilot farmer lawyer painter nurse baker soldier writer",
    },
    "test": {
        "country": "Germany China Spain Sweden Peru Greece Turkey Chile",
        "animal": "cat cow wolf bear giraffe penguin duck spider",
        "device": "lamp telescope keyboard fridge piano compass drill scooter",
        "food": "pasta honey cake potatoes noodles yogurt strawberries beans",
        "job": "gardener judge plumber singer dentist carpenter librarian waiter",
    },
}


def _templates(table: dict[Split, str], split: Split) -> list[str]:
    return [line for part in table[split].splitlines() for line in part.split("|")]


def _fill(templates: list[str], split: Split, count: int, seed: int) -> list[str]:
    """``count`` sentences, the templates in turn; the same seed gives the same sentences."""
    random_ = random.Random(seed)
    order = templates * (count // len(templates) + 1)
    sentences = []
    for template in order[:count]:
        sentence = template
        for slot, words in _WORDS[split].items():
            for word in random_.sample(words.split(), sentence.count(f"{{{slot}}}")):
                sentence = sentence.replace(f"{{{slot}}}", word, 1)
        sentences.append(sentence)
    random_.shuffle(sentences)
    return sentences


def queries(split: Split, count: int, seed: int) -> list[str]:
    """Questions and requests to the model."""
    return _fill(_templates(_QUERIES, split), split, count, seed)


def asides(split: Split, count: int, seed: int) -> list[str]:
    """What people say to each other, or to nobody, or on the radio."""
    return _fill(_templates(_ASIDES, split), split, count, seed)
