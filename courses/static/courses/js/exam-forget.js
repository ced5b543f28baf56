/* The result is out: nothing of that paper has to stay in this browser. */
import { forget } from "./outbox.js";

forget(document.querySelector("[data-exam-closed]").dataset.examClosed);
