/* The replay: the film of the broadcast, and the chat running along on the timeline of the recording. */
export function replay(room, stage, facts) {
  const rows = [...room.querySelectorAll("[data-chat-list] > [data-media]")].map((row) => ({ row, at: Number(row.dataset.media) - (facts.replay.from_ms ?? 0) }));
  stage.open(facts.replay.src, { replay: true });
  stage.state = "replay";
  const scroller = room.querySelector("[data-chat]");

  function follow() {
    const at = stage.video.currentTime * 1000;
    let last = null;
    for (const { row, at: said } of rows) {
      const shown = said <= at;
      row.hidden = !shown;
      if (shown) last = row;
    }
    if (last && last !== follow.last) scroller.scrollTop = scroller.scrollHeight;
    follow.last = last;
  }

  stage.video.addEventListener("timeupdate", follow);
  stage.video.addEventListener("seeked", follow);
  if (rows.length && stage.video.currentTime > 0) follow();
}
