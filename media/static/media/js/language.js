/* Imported before any element of media-chrome: they take their words at the moment they are defined. */
import { setLanguage } from "../../vendor/media-chrome/utils/i18n.js";
import "../../vendor/media-chrome/lang/zh-CN.js";

const page = document.documentElement.lang || "zh-CN";
setLanguage(page.startsWith("zh") ? "zh-CN" : page);
