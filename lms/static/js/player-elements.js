/* The elements of media-chrome that a player of ours may use, in Chinese and English. Import this, never the library. */
import "./shadow-styles.js";
import "../vendor/media-chrome/media-controller.js";
import "../vendor/media-chrome/media-control-bar.js";
import "../vendor/media-chrome/media-play-button.js";
import "../vendor/media-chrome/media-seek-backward-button.js";
import "../vendor/media-chrome/media-seek-forward-button.js";
import "../vendor/media-chrome/media-mute-button.js";
import "../vendor/media-chrome/media-volume-range.js";
import "../vendor/media-chrome/media-time-range.js";
import "../vendor/media-chrome/media-time-display.js";
import "../vendor/media-chrome/media-playback-rate-button.js";
import "../vendor/media-chrome/media-captions-button.js";
import "../vendor/media-chrome/media-pip-button.js";
import "../vendor/media-chrome/media-fullscreen-button.js";
import "../vendor/media-chrome/media-loading-indicator.js";
import "../vendor/media-chrome/media-poster-image.js";
import "../vendor/media-chrome/lang/zh-CN.js";
