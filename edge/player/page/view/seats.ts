/** The house seen from above: rows of seats around the stage, lit by CSS according to the face. */

const rowCount = 5;
const svgNamespace = "http://www.w3.org/2000/svg";

/** Fills the (empty) SVG element of viewBox 0 0 320 150 with the seats. */
export function drawSeats(svg: SVGSVGElement): void {
  let index = 0;
  for (let row = 0; row < rowCount; row += 1) {
    const radius = 58 + row * 21;
    const seatCount = 9 + row * 4;
    for (let seat = 0; seat < seatCount; seat += 1) {
      const angle = Math.PI * (0.1 + (0.8 * seat) / (seatCount - 1));
      const circle = document.createElementNS(svgNamespace, "circle");
      circle.setAttribute("cx", (160 - radius * Math.cos(angle)).toFixed(1));
      circle.setAttribute("cy", (radius * Math.sin(angle) * 0.92 - 2).toFixed(1));
      circle.setAttribute("r", "4.4");
      // Golden-ratio order: seats fill evenly over the house, not row by row.
      const order = (index * 0.618) % 1;
      circle.style.setProperty("--order", order.toFixed(3));
      circle.style.setProperty("--across", (seat / (seatCount - 1)).toFixed(3));
      if (order < 0.3) circle.classList.add("seat-early");
      svg.append(circle);
      index += 1;
    }
  }
}
