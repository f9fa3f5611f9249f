"""How well text stands out from its background, worked out in the browser: WCAG 2.2, contrast ratio."""

CONTRAST = """() => {
  const channel = v => (v /= 255) <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).map(Number); return .2126 * channel(r) + .7152 * channel(g) + .0722 * channel(b); };
  const ground = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if (!/, 0\\)$/.test(c)) return c; } return 'rgb(255,255,255)'; };
  return [...document.querySelectorAll('h1,h2,h3,p,dt,dd,span,li,td,th,strong,b,summary')].filter(e => e.innerText && e.innerText.trim()).map(e => {
    const a = light(getComputedStyle(e).color), b = light(ground(e));
    return {text: e.innerText.slice(0, 30), ratio: (Math.max(a, b) + .05) / (Math.min(a, b) + .05)};
  });
}"""
