// @ts-check
// What the tabs Image, Video and Audio do in the browser beyond what Gradio does.

import { offerEditing } from "./edit_in_place.js";
import { followAnswers } from "./follow_answer.js";
import { nameForeignPictures } from "./foreign_pictures.js";
import { offerGoingOn } from "./go_on.js";
import { holdQuestions } from "./held_question.js";
import { tellRanges } from "./number_ranges.js";

const words = JSON.parse(document.getElementById("script-words")?.textContent ?? "{}").asking;

followAnswers();
offerEditing(words);
offerGoingOn();
nameForeignPictures(words);
tellRanges(words);
holdQuestions(words);
