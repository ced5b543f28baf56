/* What the studio shows: the big button in its states, the line in figures, warnings. */
import { fill } from "../clock.js";

const LOOKS = ["starting", "live", "reconnecting", "ended"]; // of the button, where it does not invite to begin
const BUTTONS = { Rehearsing: "Ready", Encoder: "Ready", Broken: "Off" }; // whose words are those of another phase
const TONES = { reconnecting: "warn", broken: "warn", resume: "warn", ended: "done" };
const ASKS_TO_END = ["reconnecting", "broken", "resume", "elsewhere", "takeover"]; // besides the big button

export class Board {
  constructor(studio, facts) {
    Object.assign(this, { studio, facts, texts: studio.dataset });
    this.drift = Date.parse(facts.now) - Date.now();
    this.at = (name) => studio.querySelector(`[data-${name}]`);
  }

  show(phase, now, { sender, hasStream }) {
    const words = this.words(phase, now, sender);
    this.studio.dataset.phase = phase;
    if (phase !== "ended") this.button(phase, words);
    const box = this.at("on-air");
    if (TONES[phase]) box.dataset.tone = TONES[phase];
    else delete box.dataset.tone;
    this.put("rehearse-row", (node) => { node.hidden = !(hasStream && ["ready", "rehearsing"].includes(phase)); });
    this.put("rehearse", (node) => {
      node.textContent = phase === "rehearsing" ? this.texts.textRehearseEnd : this.texts.textRehearse;
      node.setAttribute("aria-pressed", String(phase === "rehearsing"));
    });
    this.put("end-row", (node) => { node.hidden = !ASKS_TO_END.includes(phase); });
    this.clock(now);
  }

  button(phase, { state, more, label, hint }) {
    this.say("say", state);
    this.say("say-more", more);
    this.put("button", (node) => {
      node.dataset.state = LOOKS.includes(phase) ? phase : "ready";
      node.setAttribute("aria-disabled", String(phase === "starting"));
    });
    this.say("button-label", label);
    this.say("button-hint", hint);
  }

  words(phase, now, sender) {
    const text = (name) => this.texts[`text${name}`] ?? "";
    const named = phase[0].toUpperCase() + phase.slice(1);
    const buttons = BUTTONS[named] ?? named;
    const said = now.state === "interrupted" && phase === "elsewhere" ? "Returning" : named; // it sends, and nothing is seen yet
    const down = now.down ?? { tries: 0, seconds: 0, at: Date.now(), since: Date.now() };
    const rest = Math.max(0, Math.ceil(down.seconds - (Date.now() - down.at) / 1000));
    return {
      state: fill(text(said), { s: Math.round((Date.now() - (sender.lostAt ?? down.since)) / 1000), n: down.tries }),
      more: fill(text(`${named}More`), { n: now.people + (now.anonymous ?? 0) }),
      label: text(`${buttons}Button`),
      hint: fill(text(`${buttons}Hint`), { s: rest }),
    };
  }

  clock(now) {
    const onAir = ["live", "interrupted"].includes(now.state);
    this.at("onair").hidden = !onAir;
    this.put("onair-badge", (node) => node.classList.toggle("badge--live", now.state === "live"));
    this.say("onair-badge", now.state === "live" ? this.texts.textOnAir : this.texts.textInterrupted);
    const began = now.started_at ?? this.facts.started_at;
    if (!onAir || !began) return;
    const seconds = Math.max(0, Math.floor((Date.now() + this.drift - Date.parse(began)) / 1000));
    const parts = [seconds / 3600, (seconds / 60) % 60, seconds % 60].map((part) => String(Math.floor(part)).padStart(2, "0"));
    this.at("clock").textContent = parts.join(":");
    for (const button of this.studio.querySelectorAll("[data-on-air-only]")) button.disabled = false;
  }

  health(told) {
    const line = told?.line ?? {};
    const weak = !told || line.warnings?.length > 0;
    this.put("health-verdict", (node) => {
      node.textContent = line.open ? (weak ? this.texts.textWeak : this.texts.textGood) : "–";
      node.parentElement.dataset.level = line.open ? (weak ? "weak" : "good") : "";
    });
    this.say("health-kbps", String(line.kbps ?? 0));
    this.say("health-keyframe", line.keyframe_ms ? (line.keyframe_ms / 1000).toFixed(1) : "–");
    this.say("health-delay", line.delay_s ? line.delay_s.toFixed(1) : "–");
    this.say("health-people", String((told?.people ?? 0) + (told?.anonymous ?? 0)));
    this.say("health-breaks", String(told?.breaks ?? 0));
    if (told) this.line(line.warnings?.join(" "));
  }

  /* What the line complains of comes and goes; it does not take the place of what the trainer was told. */
  line(words) {
    this.complaint = words ?? "";
    this.notice();
  }

  warn(words) {
    this.told = words ?? "";
    this.notice();
  }

  notice() {
    const words = [this.told, this.complaint].filter(Boolean).join(" ");
    this.at("warning").hidden = !words;
    this.say("warning-text", words);
  }

  say(name, words) {
    this.put(name, (node) => { if (node.textContent !== words) node.textContent = words ?? ""; });
  }

  put(name, change) {
    const node = this.at(name);
    if (node) change(node);
  }
}
