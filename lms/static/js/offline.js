/* [data-offline] shows while the browser has no network; pages that keep work listen to the same events. */
const banners = document.querySelectorAll("[data-offline]");
const show = () => banners.forEach((banner) => { banner.hidden = navigator.onLine; });
if (banners.length) {
  addEventListener("online", show);
  addEventListener("offline", show);
  show();
}
