"""Requests without a question's words, orders to somebody else, nods: templates beside those of ``utterances``.

Kept apart from them, so that what else is made of those stays as it is. Written for this project.
"""

from __future__ import annotations


def _request_lines(table: str) -> tuple[str, ...]:
    return tuple(line for part in table.strip().splitlines() for line in part.split("|"))


REQUESTS = _request_lines("""
Convert ten miles to kilometres.|Sort these numbers from small to large.|Rewrite that in a friendlier tone.
Pick a colour for my kitchen.|Draft an email to my {job}.|Plan a birthday party for six children.
Sing something about {food}.|Draw up a timetable for my week.|Sum up the plot of that film.
Imagine a world without a {device}.|Suggest a hobby for rainy days.|Rank these three by price.
Describe a sunrise in {country}.|List the months of the year.|Outline a speech for a wedding.
Compare {food} and {food}.|Translate this menu into English.|Make up a riddle about a {animal}.
Think of a title for my book.|Choose a number between one and fifty.|Guess my favourite {animal}.|Try once more.
Say that in other words.|Skip to the end.|Make it shorter.|Make it rhyme.|Use simpler language.|Be more precise.
Stop there and start with the {animal}.|Go back to the part about {country}.
Forget the {device}, talk about {food} instead.|Now do the same for {country}.|And now something about {animal}s.
Add another example.|Leave out the details.|Change the ending.|Finish the sentence.|Fix the grammar in my letter.
Proofread my essay about {country}.|Shorten this to one line.|Turn that into a list.|Put it in a table.
Teach me a few words of Italian.|Teach me the rules of chess.|Walk me through the steps.
Guide me through a short meditation.|Test my knowledge of {country}.|Ask me a question about {animal}s.
Let me guess, then tell me the answer.|Entertain me.|Cheer me up.|Surprise me.|Motivate me to exercise.
Wish my {job} a happy birthday.|Congratulate my sister.|Introduce yourself.|Tell me your name.
Greet me in another language.|Speak to me in a whisper.|Set a timer for ten minutes.|Set an alarm for half past six.
Play some music.|Turn the volume up.|Note down that I owe the {job} five euros.|Take a note.
Start a list of things to buy.|Book a table for two.|Order {food} for tonight.|Call a taxi for me.
Work out the square root of eighty one.|Multiply seven by eleven.|Add fifteen and twenty six.
Divide a hundred by four.|Round that to the nearest ten.|Solve this equation for me.
Estimate the weight of a {animal}.|Name a capital in Africa.|Name something that is heavier than a {animal}.
Mention two inventions from {country}.|Give an example.|Give me the short version.|Give me a summary of the news.
Give me a recipe for {food} soup.|Give me a synonym for happy.|Give me the opposite of cold.
Give two reasons to visit {country}.|Give your opinion on {food}.|Tell me more.|Tell me everything about the {device}.
Tell me a riddle.|Tell me the story of the first {device}.|Tell me the time.|Tell me about your day.
Tell me your favourite {food}.|Tell my {job} a joke.|Show me the fastest way to peel {food}.
Show me a picture of a {animal}.|Show me an example with {animal}s.|Write a haiku about the sea.|Write a polite reply.
Write a slogan for a {device}.|Write down a packing list for {country}.|Compose a song about a {job}.
Create a quiz about {country}.|Create a menu with {food}.|Design a logo for a {job}.
Build a sentence with the word {device}.|Form a question about {food}.|Make a plan for learning to cook.
Make me laugh.|Make a list of {animal}s that can swim.|Prepare me for a talk with a {job}.
Predict the weather for Sunday.|Define the word {device}.|Define happiness.|Clarify that, please.
Elaborate on the {animal}.|Expand the second point.|Justify your answer.|Prove it.|Check my spelling.
Check that again.|Verify the date, please.|Correct me if I say something wrong.|Explain gravity to me.
Explain the rules of tennis.|Explain step by step.|Illustrate it with a story.
Discuss the good and the bad sides of a {device}.|Argue for more holidays.|Convince me to buy {food}.
Debate with me about {food}.|Analyse this sentence.|Classify these animals.|Group the words by colour.
Count backwards from twenty.|Count the letters in {food}.|Recite a verse.|Quote a {job}.|Read out the list.
Spell {country}.|Pronounce that word.|Advise me on a new {device}.|Recommend a sport for my back.
Recommend something to watch tonight.|Propose a toast.|Find a word for a very old {device}.|Find me a cheap {device}.
Search for news from {country}.|Look for flights to {country}.|Track my steps today.|Remember that I don't eat {food}.
Remind me about the {food} in an hour.|Wake me up at seven.|Pretend we are in {country}.|Act like a {job}.
Play the part of a {job}.|Answer like a pirate.|Be a {job} for a minute.|Calm me down, please.|Help me fall asleep.
Help me understand the {device}.|Help me practise my English.|Help me decide between {food} and {food}.
Just tell me the result.|Just give me one word.|Quickly, give me a number.
First tell me about the {animal}, then about the {device}.|Please summarise.|Please continue the list.
Please define that.|Please pick one for me.|Please tell me a bit about {country}.
Please wait, go back to the beginning.|Please use short sentences.|Please calculate the average.
Kindly list the ingredients of {food} salad.|Okay, next topic, {country}.|Okay, tell me about the {job} now.
Actually, talk about {animal}s.|Wait, say something about {food} first.|No, tell me about {country} instead.
Stop, I meant the {animal}.|Hold on, go over the {device} once more.|Sorry, I meant {country}.
Vita, stop and give me the weather.|Vita, name a good film.|Assistant, open a new list.
Computer, lights in the style of a poem, please.|I need a recipe with {food}.|I need an idea for a present.
I need a good excuse for being late.|I need a word that means very big.|I need to know about the {device}.
I need some advice on my {animal}.|I need you to count to five.|I'd love a story about a {animal}.
I'd love some ideas for dinner.|I'd like a joke, please.|I'd like you to describe {country}.
I'd like to learn a few facts on {country}.|I'd prefer a shorter answer.|I would appreciate a summary.
I want a song about {food}.|I want you to tell me about the {animal}.|I want another story.
I want to hear something about the sea.|I wonder what {animal}s dream of.|I'm curious about {country}.
I'm interested in the history of the {device}.|I'm trying to remember the name of a film with a {animal}.
I'm stuck with my {device}, please guide me.|I'm bored, talk to me.|I'm not sure how to cook {food}.
I forgot how to reset my {device}.|I can't decide what to cook with {food}.|I have to write a text about {country}.
I have an interview as a {job} tomorrow, give me advice.|I've got {food} and rice, suggest a dish.
I was hoping you could tell me about {country}.|I'd be glad about a hint.
It would be great to get a list of {animal}s.|Let's play twenty questions.|Let's talk about {country}.
Let's hear a poem about the {animal}.|Let's change the subject to {food}.|Let's practise some French.
Let's start with an easy quiz.|Let me hear a joke.|Let me hear your opinion on the {device}.
Two sentences on the {device}, please.|A short overview of {country}, please.|One more joke, please.|Another one.
More about the {animal}, please.|Directions to the station, please.|The recipe again, please.|The next step, please.
Something shorter, please.|In English, please.|Arrange these words in a sentence.|Assign a country to each {animal}.
Begin with the easiest one.|Break that down for me.|Bring up the topic of {food}.|Capitalise every word in my title.
Carry on from where you stopped.|Challenge me with a puzzle.|Collect some arguments against the {device}.
Combine {food} and {food} in one dish.|Complete this proverb for me.
Consider a trip to {country} and give me the costs.|Continue.|Contrast a {animal} with a {animal}.
Cut that to ten words.|Deliver the punchline.|Demonstrate how to tie a knot.|Derive the formula.
Develop an idea for a game.|Dream up a new {food}.|Encourage me a little.|Evaluate my plan to move to {country}.
Examine the word {animal}.|Exchange the names in the story.|Figure out how many days there are until summer.
Focus on {country}, please.|Formulate a polite refusal.|Gather facts on the {device}.|Generate a password.
Get me the opening hours of the museum.|Give it another try.|Give me directions to the nearest {job}.
Give me a hint, then the answer.|Give me a fun fact.|Give me the gist.|Give me a pep talk.|Give me all the details.
Highlight the main points.|Identify this song.|Improve my opening line.|Include a few numbers.|Inspire me.
Interpret my dream about a {animal}.|Judge my joke.|Keep it brief.|Keep going.|Label the parts of the {device}.
Launch into a ballad about a {job}.|Lead me through a stretch.|Make a guess.|Make a joke about {food}.
Make an outline.|Make it sound more formal.|Make sense of that for me.|Match each {job} with a tool.
Memorise the number forty two.|Mix in a bit of humour.|Modernise that old saying.|Number the points.
Offer me an alternative.|Organise my notes about {country}.|Paint me a picture in words of a {animal}.
Point me to a museum in {country}.|Polish that paragraph.|Present the facts in order.|Process my order for {food}.
Produce three headlines.|Provide a definition of {device}.|Question me about {food}.|Rate my idea from one to ten.
Recall what we said about {country}.|Recap, please.|Reply to my {job}.|Replace {food} with something healthier.
Respond in Spanish.|Restart the story with a {animal}.|Review the film for me.|Save that for later.
Scan the text for mistakes.|Select the best of them.|Sing the alphabet.|Slow down and say it once more.
Speak about the {device} for a minute.|Specify the size.|Split the bill between five people.|State the facts.
Stick to {animal}s.|Structure my speech.|Substitute the {food}, I don't eat that.|Switch to German.
Take the average of these.|Take me through the history of {country}.|Talk more about that.
Tell me how you would do it.|Tell me if {food} contains sugar.|Tell me what to do with an old {device}.
Tell me where {country} lies.|Tell me who built the first {device}.|Tell me why a {animal} hides.
Tell me when to plant beans.|Throw in an example from {country}.|Time me for a minute.|Touch on the {job}.
Transform that into a poem.|Trace the origin of the {device}.|Tune my guitar with me.|Update me on {country}.
Use the word {animal} in a sentence.|Warn me when it's nine.|Whisper a secret.|Word that differently.
Write two lines about the {animal}.|Write me a diary entry of a {job}.|Help me with a crossword.|Help me name my boat.
Help me learn the capitals.|Help me out with my {device}.|Help me calculate a tip.|Help, my {device} won't start.
Please describe your favourite {food}.|Please give me the recipe.|Please name another {animal}.|Please spell it.
Please tell me what {food} tastes like.|Please suggest a film.|Please sing.|Please write it in capitals.
Please repeat the last part.|I'd like a weather report for {country}.|I'd like to book a trip.
I'd like to hear that in English.|I need a synonym for quick.|I need directions.|I need a translation.
I want a list of famous {job}s.|I want the long version.|I'm thinking of a number, guess it.
""")

ORDERS = _request_lines("""
Pass me the salt, {name}.|Hurry up, we're late.|Sit down, {name}.|Stand still for a moment, {name}.
Come in, the door is open.|Watch out, there's a car.|Don't forget your keys.|Don't run in the house, {name}.
Take your coat, {name}, it's cold.|Take the {food} out of the oven, {name}.
Close the window, please, {name}, I'm freezing.|Turn off the {device}, {name}, we're leaving.
Give it back to your brother.|Give grandma a kiss.|Give me your hand, darling.|Let go of the {animal}, {name}.
Let's go home, {name}.|Let's have lunch at the corner.|Let's meet at the station at six.
Let's not tell {name} about it.|Let me help you with that bag, {name}.|Say hello to your mother.
Say thank you to the {job}, {name}.|Tell your sister to come down.|Tell them I'm on my way.
Tell mum dinner's on the stove.|Show {name} your new {device}.|Show your ticket to the man over there.
Write your name on the list at the door, {name}.|Call me when you get there.|Call your dad, {name}.|Text me later.
Send {name} my love.|Ring the bell again, {name}.|Try the {food}, {name}, it's delicious.|Eat your {food}, {name}.
Drink up, {name}, the bus is coming.|Finish your homework, {name}.|Make your bed, {name}.|Make some room for {name}.
Put the {device} back, {name}.|Put the {animal} out, {name}.|Pick up your toys, {name}.|Pick me up at eight, {name}.
Bring the {job} a chair, {name}.|Hold the door for me, {name}.|Hold this for a second, {name}.
Help your sister, {name}.|Help yourself to some {food}, {name}.|Look after the {animal} while I'm away, {name}.
Look both ways, kids.|Listen to your mother, {name}.|Leave the {device} alone, {name}.|Leave him alone, {name}.
Keep the change.|Keep your voice down, {name}, the neighbours.|Follow me, gentlemen.|Move over a bit, {name}.
Go to bed, {name}, it's late.|Go and ask the {job}, {name}.|Go away, {name}.|Get off the sofa, Rex.|Get in, everyone.
Wait here with the {animal}, {name}.|Wait a minute, {name}, I'll be right there.|Stop it, you two.
Stop laughing, {name}.|Hands off, {name}, that's mine.|Please take a seat, madam.|Please sign here, sir.
Please move along the platform.|Please fasten your seat belts.|Please close the gate behind you, {name}.
I need you to pick up the {food}, {name}.|I need my {device} back, {name}.
I'd like two pounds of {food}, please, and the bill.|I'd love to see you again, {name}.
I'd like to pay, please, waiter.|I want you home by ten, {name}.|I want my {device} back, {name}.
I'm hungry, {name}, let's eat.|I have to tell you something, {name}.|I wonder where {name} is.
I'm bored, {name}, let's go out.|We need to talk, {name}.|We need more {food} for the party.
Two coffees, please, and some {food}.|One ticket to the city centre, please.|The usual, please, {name}.
Another beer over here, please.|A table by the window, waiter.|Breathe in, {name}, the {job} said.
Open your mouth, please, said the {job}.|Tell me the truth, {name}.|Tell me when you're ready, {name}.
Explain that to your father, {name}.|Dig in, {name}, before it gets cold.|Dry your hands, {name}.
Wash the dishes, {name}, it's your turn.|Wipe your feet, {name}.|Carry this box, {name}.|Catch, {name}.
Careful, {name}, that's hot.|Cross here, children.|Cut the {food} for grandpa, {name}.|Empty the bin, {name}, please.
Feed the {animal}, {name}.|Fill up the tank, {name}.|Get well soon, {name}.|Give {name} the bigger half.
Guess who I met at the market, {name}.|Hang on, {name}, I'm on the phone.|Have a seat, {name}.
Have a good trip, {name}.|Imagine that, {name}, she said yes.|Join us for dinner, {name}.|Kiss the baby for me.
Knock before you come in, {name}.|Lay the table, {name}.|Lock the car, {name}.|Meet me at the gate, {name}.
Mix the dough, {name}, I'll heat the oven.|Move the {device} to the left, {name}.|Name your price, said the {job}.
Order me a coffee, {name}, I'm parking.|Pay the {job}, {name}.|Play outside, kids.
Read your book, {name}, and be quiet.|Remember your coat, {name}.|Repeat after me, children.
Serve the guests first, {name}.|Share the {food} with your brother.|Sing along, everybody.|Sleep well, {name}.
Smile, {name}.|Spell your surname for the lady, {name}.|Start the car, {name}.|Stay close, {name}.
Sweep the floor, {name}.|Translate for your aunt, {name}.|Throw the ball, {name}.|Tidy your room, {name}.
Turn around, {name}.|Wait your turn, sir.|Wake your sister, {name}.|Walk the {animal}, {name}.
Describe him to the officer, {name}.|List your name here, madam.|Find your shoes, {name}.|Check the mail, {name}.
""")

NODS = _request_lines("""
Aha.|Yep.|True.|Got it.|Nice.|Cool.|Mm.|Great.|Really.|No way.|Good.|Fine.|Uh huh.|Mm hmm, right.|Exactly.|Oh, I see.
Right, right.|Of course.|Go on.|Ah.|Huh.|Oh wow.|Oh yeah.|Okay then.|Yes, yes.|That's true.|Oh really.|Hm.|I get it.
Makes sense.|Wonderful.|Perfect.|Fair enough.|Ha ha.|Well, well.|Alright.|Absolutely.|How funny.|Oh dear.|Yes, sure.
I hear you.|I agree.|Agreed.|Quite.|Quite right.|That's right.|That's nice.|That's great.|That's good.|So it is.
How nice.|How lovely.|How strange.|How interesting.|Interesting.|Brilliant.|Super.|Excellent.|Fantastic.|Oh my.|Oh no.
Oh good.|Oh right.|Ooh.|Aw.|Ha.|Hah.|Eh.|Er.|Um.|Uh.|Mm-mm.|Mhm, mhm.|Yup.|Yeah, yeah.|Yeah, sure.|Yeah, true.
Yes, I know.|Yes, of course.|Yes, right.|No.|No, no.|Not bad.|Not really.|Never.|Certainly.|Definitely.|Naturally.
Obviously.|Precisely.|Correct.|Maybe.|Perhaps.|Possibly.|Probably.|Well.|Well said.|Well, okay.|Thanks.|Thank you.
Good one.|Good to know.|Very good.|Very nice.|Very true.|Is that so.|You don't say.|My goodness.|Incredible.
Unbelievable.|What a pity.|All right then.|Fine, fine.|Sounds right.|Seems so.|I guess so.|I think so.|I bet.
Ah, I understand.|I understand.|Ah, right.|Ah, good.|Hooray.
""")
