// What a page looks like where it is shown: asked of the browser that shows it.

const grounds = (element) => {
  const found = [];
  for (let each = element; each; each = each.parentElement) {
    found.push(each.ownerDocument.defaultView.getComputedStyle(each).backgroundColor);
  }
  return found;
};

const parts = (colour) => {
  const [red, green, blue, alpha = 1] = colour.match(/[\d.]+/g).map(Number);
  return { rgb: [red, green, blue], alpha };
};

// The canvas under a page that says nothing is white, or Chromium's dark one.
const under = (element, isDark) => {
  const solid = grounds(element).map(parts);
  const bottom = { rgb: isDark ? [18, 18, 18] : [255, 255, 255], alpha: 1 };
  return [...solid, bottom].reduceRight((below, each) =>
    below.map((value, at) => each.alpha * each.rgb[at] + (1 - each.alpha) * value),
    bottom.rgb);
};

const luminance = (rgb) => {
  const [red, green, blue] = rgb.map((value) => value / 255).map((value) =>
    value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};

const contrast = (one, other) => {
  const [light, dark] = [luminance(one), luminance(other)].sort((a, b) => b - a);
  return (light + 0.05) / (dark + 0.05);
};

const words = (page) => {
  const found = [];
  const walker = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (walker.currentNode.data.trim()) found.push(walker.currentNode);
  }
  return found;
};

const faintest = (page, isDark) => {
  const all = words(page).map((text) => {
    const element = text.parentElement;
    const colour = parts(page.defaultView.getComputedStyle(element).color).rgb;
    return [contrast(colour, under(element, isDark)), text.data.trim().slice(0, 60)];
  });
  return all.reduce((least, each) => (each[0] < least[0] ? each : least));
};

const beyond = (page) => [...page.body.querySelectorAll("*")]
  .filter((each) => each.getBoundingClientRect().right > page.defaultView.innerWidth + 1)
  .map((each) => `${each.tagName} ${each.textContent.trim().slice(0, 60)}`);

// The picture has words of its own drawn into it, so its bytes are left out.
const shape = (page) => [...page.querySelectorAll("*")].map((each) => {
  const attributes = [...each.attributes].map(({ name, value }) =>
    `${name}=${value.replace(/^(data:image\/png;base64),.*/, "$1")}`);
  return [each.parentElement?.tagName, each.tagName, ...attributes].join(" ");
}).join("\n");

const smallest = (page) => Math.min(...words(page).map((text) =>
  parseFloat(page.defaultView.getComputedStyle(text.parentElement).fontSize)));

const pictures = (page) => [...page.images].map((each) => each.naturalWidth > 0);

addEventListener("load", () => {
  const looks = [...document.querySelectorAll("iframe")].map((frame) => {
    const page = frame.contentDocument;
    const isDark = frame.contentWindow.matchMedia("(prefers-color-scheme: dark)").matches;
    return {
      ...frame.dataset,
      width: frame.contentWindow.innerWidth,
      is_dark: isDark,
      scrolls: page.documentElement.scrollWidth,
      beyond: beyond(page),
      faintest: faintest(page, isDark),
      smallest: smallest(page),
      pictures: pictures(page),
      shape: shape(page),
    };
  });
  document.body.textContent = JSON.stringify(looks);
});
