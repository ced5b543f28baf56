/* The chapters of the film: marks on the time range, and the one that is playing now. The list itself needs no script. */
const video = document.querySelector("[data-player] video");
const list = document.querySelector("[data-chapters]");

function rows() {
  return [...list.querySelectorAll("[data-chapter]")].map((item) => ({
    item,
    start: Number(item.dataset.chapter),
    end: Number(item.dataset.end) / 1000,
    title: item.querySelector(".chapter__title").textContent,
  }));
}

/* media-chrome draws the parts of its range from a track of chapters, and names them above the pointer. */
function mark(chapters) {
  const track = video.addTextTrack("chapters", "", document.documentElement.lang);
  track.mode = "hidden";
  for (const { start, end, title } of chapters) track.addCue(new VTTCue(start, end, title));
}

function follow(chapters) {
  const said = document.querySelector("[data-chapter-now]");
  let current;
  return () => {
    const now = chapters.findLast((chapter) => chapter.start <= video.currentTime + 0.05);
    if (now === current) return;
    current?.item.removeAttribute("aria-current");
    now?.item.setAttribute("aria-current", "true");
    if (now && !video.paused) said.textContent = now.title;
    current = now;
  };
}

if (video && list) {
  const chapters = rows();
  mark(chapters);
  video.addEventListener("timeupdate", follow(chapters));
}
