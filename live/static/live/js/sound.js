/* Three rising tones, made here: nothing to load, and no doubt whether it was the network. */
const TONES = [440, 554, 659];
const LENGTH = 0.35; // seconds

export function testSound(event) {
  const context = new AudioContext();
  TONES.forEach((frequency, i) => {
    const tone = context.createOscillator();
    const loudness = context.createGain();
    const from = context.currentTime + i * LENGTH;
    tone.frequency.value = frequency;
    loudness.gain.setValueAtTime(0, from);
    loudness.gain.linearRampToValueAtTime(0.3, from + 0.03);
    loudness.gain.linearRampToValueAtTime(0, from + LENGTH - 0.03);
    tone.connect(loudness).connect(context.destination);
    tone.start(from);
    tone.stop(from + LENGTH);
  });
  setTimeout(() => context.close(), TONES.length * LENGTH * 1000 + 500);
  const said = event.currentTarget.closest("section, .stage__card")?.querySelector("[data-test-said]");
  if (said) said.textContent = said.dataset.text;
}
