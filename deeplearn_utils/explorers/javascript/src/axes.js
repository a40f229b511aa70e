// Axes as declared in Python (marks.py), as Observable Plot takes them.
const RAISED = Object.fromEntries(Array.from("-0123456789", (sign, i) => [sign, "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"[i]]));

// One axis; `name` is "x" or "y", `shown` tells whether it is drawn or only places the marks.
export function axis({ label, domain, scale, ticks }, read, name, shown) {
  const limits = typeof domain === "string" ? Array.from(read(domain).data) : domain;
  if (!shown) return { domain: limits, type: scale, axis: null };
  const places = ticks
    ? { ticks: ticks.map(([place]) => place), text: ticks.map(([, text]) => text) }
    : scale === "log"
      ? decades(limits, name === "x" ? 6 : 8)
      : { ticks: 6 };
  return {
    label,
    domain: limits,
    type: scale,
    labelAnchor: "center",
    labelArrow: "none",
    labelOffset: name === "x" ? 36 : 53,
    ...places,
  };
}

// Logarithmic axes have their ticks at powers of ten: at each, or at every second, third, ...
export function decades(limits, most) {
  const [first, last] = [Math.ceil, Math.floor].map((round, i) => round(Math.log10(limits[i])));
  const stride = Math.ceil((last - first + 1) / most);
  const powers = [];
  for (let power = first; power <= last; power++) if (power % stride === 0) powers.push(power);
  return { ticks: powers.map((power) => 10 ** power), tickFormat: powerOfTen };
}

export function powerOfTen(value) {
  const power = Math.round(Math.log10(value));
  if (Math.abs(power) < 3) return String(Number(value.toPrecision(1)));
  return `10${Array.from(String(power), (sign) => RAISED[sign]).join("")}`;
}
