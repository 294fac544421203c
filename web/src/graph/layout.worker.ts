/** Force-directed places (ForceAtlas2, Jacomy et al. 2014, doi:10.1371/journal.pone.0098679), off the page's thread. */
import forceAtlas2 from "graphology-layout-forceatlas2";
import defaults from "graphology-layout-forceatlas2/defaults.js";
import iterate from "graphology-layout-forceatlas2/iterate.js";

export interface Start { places: Float32Array; sizes: Float32Array; edges: Uint32Array }

const SLICE_MS = 60;
/** So many times as long as the page takes to draw is gone on with before it is told again: it has other work. */
const DRAWN = 5;
const MOST_ITERATIONS = 600;
/** Numbers that `iterate` keeps of a node, and of an edge. */
const NODE = { x: 0, y: 1, mass: 6, convergence: 7, size: 8, length: 10 };
const EDGE_LENGTH = 3;
let slice: (milliseconds: number) => void = () => {};

/** Where to start; `null` to stop; and the milliseconds that the page took to draw what it was told last. */
onmessage = (event: MessageEvent<Start | null | number>) => {
  if (typeof event.data === "number") slice(Math.max(SLICE_MS, DRAWN * event.data));
  else slice = event.data ? settling(event.data) : () => {};
};

/** Settles for some time and tells the places, again and again as it is called, until they are still.
 *
 * What nodes remember of their last moves is kept between calls, which `forceAtlas2.assign` forgets.
 */
function settling({ places, sizes, edges }: Start): (milliseconds: number) => void {
  const count = sizes.length;
  const nodes = new Float32Array(count * NODE.length);
  for (let node = 0; node < count; node++) {
    const at = node * NODE.length;
    nodes[at + NODE.x] = places[2 * node] ?? 0;
    nodes[at + NODE.y] = places[2 * node + 1] ?? 0;
    nodes[at + NODE.mass] = nodes[at + NODE.convergence] = 1;
    nodes[at + NODE.size] = sizes[node] ?? 1;
  }
  const ties = new Float32Array((edges.length / 2) * EDGE_LENGTH);
  for (let edge = 0; edge < edges.length / 2; edge++) {
    const ends = [edges[2 * edge] ?? 0, edges[2 * edge + 1] ?? 0].map((node) => node * NODE.length);
    ties.set([...ends, 1], edge * EDGE_LENGTH);
    for (const end of ends) nodes[end + NODE.mass] = (nodes[end + NODE.mass] ?? 0) + 1;
  }
  const settings = { ...defaults, ...forceAtlas2.inferSettings(count), barnesHutOptimize: count > 500, adjustSizes: count < 400 };
  let done = 0;

  function go(milliseconds: number): void {
    if (done >= MOST_ITERATIONS) return;
    const until = performance.now() + milliseconds;
    do {
      iterate(settings, nodes, ties);
      done += 1;
    } while (performance.now() < until && done < MOST_ITERATIONS);
    const told = new Float32Array(2 * count);
    for (let node = 0; node < count; node++) {
      told[2 * node] = nodes[node * NODE.length + NODE.x] ?? 0;
      told[2 * node + 1] = nodes[node * NODE.length + NODE.y] ?? 0;
    }
    postMessage({ places: told, over: done >= MOST_ITERATIONS }, { transfer: [told.buffer] });
  }
  go(SLICE_MS);
  return go;
}
