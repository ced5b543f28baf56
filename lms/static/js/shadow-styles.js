/* media-chrome writes <style> elements into its shadow roots, which our policy (style-src 'self') refuses. Imported before
   it, this module hands the same text to the browser as constructed style sheets, which the policy allows. What remains of
   each <style> is empty, and its `sheet` is the constructed one, so that the library still finds and changes its rules. */
const STYLE = /<style([^>]*)>([^]*?)<\/style>/g;

function adopt(root, texts) {
  for (const style of root.querySelectorAll("style[data-adopt]")) {
    const sheet = new CSSStyleSheet({ media: style.media });
    sheet.replaceSync(texts[style.dataset.adopt]);
    Object.defineProperty(style, "sheet", { value: sheet });
    style.removeAttribute("data-adopt");
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  }
  /* shadow roots that the text itself declared */
  for (const host of root.querySelectorAll("*")) if (host.shadowRoot) adopt(host.shadowRoot, texts);
}

function filled(write) {
  return function fill(html) {
    const texts = [];
    const bare = html.replace(STYLE, (_, attributes, text) => `<style${attributes} data-adopt="${texts.push(text) - 1}"></style>`);
    write.call(this, bare);
    adopt(this, texts);
  };
}

const innerHTML = Object.getOwnPropertyDescriptor(ShadowRoot.prototype, "innerHTML");
Object.defineProperty(ShadowRoot.prototype, "innerHTML", { ...innerHTML, set: filled(innerHTML.set) });
if (ShadowRoot.prototype.setHTMLUnsafe) ShadowRoot.prototype.setHTMLUnsafe = filled(ShadowRoot.prototype.setHTMLUnsafe);
