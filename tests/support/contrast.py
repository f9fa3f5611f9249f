"""How well text stands out from its background, worked out in the browser: WCAG 2.2, contrast ratio."""

CONTRAST = """() => {
  const channel = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const luminance = colour => {
    const [r, g, b] = colour.match(/[\\d.]+/g).map(Number);
    return .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b);
  };
  const background = e => {
    for (; e; e = e.parentElement) {
      const colour = getComputedStyle(e).backgroundColor;
      if (!/, 0\\)$/.test(colour)) return colour;
    }
    return 'rgb(255,255,255)';
  };
  const texts = [...document.querySelectorAll('h1,h2,h3,p,dt,dd,span,li,td,th,strong,b,summary')];
  return texts.filter(e => e.innerText && e.innerText.trim()).map(e => {
    const a = luminance(getComputedStyle(e).color), b = luminance(background(e));
    return {text: e.innerText.slice(0, 30), ratio: (Math.max(a, b) + .05) / (Math.min(a, b) + .05)};
  });
}"""
