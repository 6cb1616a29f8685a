"""Recall against queries per second as SVG, readable on light and on dark paper alike."""
import math

WIDTH, HEIGHT = 760, 460
LEFT, RIGHT, TOP, BOTTOM = 76, 170, 44, 52
COLORS = ["#2f81f7", "#db6d28", "#2da44e", "#a371f7", "#d4537e", "#b08800", "#1b9aaa", "#8a8f98"]
STYLE = (
    "text{font:12px system-ui,sans-serif;fill:#808890}.title{font-size:14px;font-weight:600}"
    ".grid{stroke:#808890;stroke-opacity:.25}.line{fill:none;stroke-width:2}"
)
RECALL_MIN = 0.8  # below, nobody chooses between engines


def log_ticks(low, high):
    powers = range(math.floor(math.log10(low)) - 1, math.ceil(math.log10(high)) + 1)
    ticks = [factor * 10.0**power for power in powers for factor in (1, 2, 5)]
    first = max(i for i, tick in enumerate(ticks) if tick <= low)
    last = min(i for i, tick in enumerate(ticks) if tick >= high)
    return ticks[first : max(last, first + 1) + 1]


def draw(title, curves):
    """`curves`: name -> list of (recall, qps), in the order of the legend."""
    curves = {name: [p for p in points if p[0] >= RECALL_MIN] for name, points in curves.items()}
    rates = [qps for points in curves.values() for _, qps in points] or [1, 10]
    ticks = log_ticks(min(rates), max(rates))
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def x(recall):
        return LEFT + (recall - RECALL_MIN) / (1 - RECALL_MIN) * (right - LEFT)

    def y(qps):
        return bottom - math.log(qps / ticks[0]) / math.log(ticks[-1] / ticks[0]) * (bottom - TOP)

    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">',
        f"<style>{STYLE}</style>",
        f'<text class="title" x="{LEFT}" y="22">{title}</text>',
    ]
    for percent in range(80, 101, 5):
        at = x(percent / 100)
        out.append(f'<path class="grid" d="M{at:.1f} {bottom}V{TOP}"/>')
        out.append(f'<text x="{at:.1f}" y="{bottom + 17}" text-anchor="middle">{percent / 100:g}</text>')
    for tick in ticks:
        at = y(tick)
        out.append(f'<path class="grid" d="M{LEFT} {at:.1f}H{right}"/>')
        out.append(f'<text x="{LEFT - 7}" y="{at + 4:.1f}" text-anchor="end">{tick:,.0f}</text>')
    out.append(f'<text x="{(LEFT + right) / 2}" y="{bottom + 38}" text-anchor="middle">recall</text>')
    middle = (TOP + bottom) / 2
    out.append(f'<text x="16" y="{middle}" text-anchor="middle" transform="rotate(-90 16 {middle})">'
               "queries per second</text>")
    for i, (name, points) in enumerate(curves.items()):
        color, legend = COLORS[i % len(COLORS)], TOP + 8 + 20 * i
        path = "L".join(f"{x(recall):.1f} {y(qps):.1f}" for recall, qps in points)
        if path:
            out.append(f'<path class="line" stroke="{color}" d="M{path}"/>')
        out += [f'<circle cx="{x(r):.1f}" cy="{y(q):.1f}" r="2.5" fill="{color}"/>' for r, q in points]
        out.append(f'<path stroke="{color}" stroke-width="3" d="M{right + 16} {legend - 4}h16"/>')
        out.append(f'<text x="{right + 38}" y="{legend}">{name}</text>')
    return "\n".join(out) + "\n</svg>\n"
