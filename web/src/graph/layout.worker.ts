/** Force-directed places (ForceAtlas2, Jacomy et al. 2014, doi:10.1371/journal.pone.0098679), off the page's thread. */
import Graph from "graphology";
import forceAtlas2 from "graphology-layout-forceatlas2";

export interface Start { places: Float32Array; sizes: Float32Array; edges: Uint32Array }

const SLICE_MS = 60;
const MOST_ITERATIONS = 600;
let turn = 0;

onmessage = (event: MessageEvent<Start | null>) => {
  turn += 1;
  if (event.data) settle(event.data, turn);
};

/** Settle in slices of time, telling the places after each, until they are still or told to stop. */
function settle({ places, sizes, edges }: Start, mine: number): void {
  const graph = new Graph({ multi: true });
  const count = sizes.length;
  for (let node = 0; node < count; node++) graph.addNode(node, { x: places[2 * node], y: places[2 * node + 1], size: sizes[node] });
  for (let edge = 0; edge < edges.length; edge += 2) graph.addEdge(edges[edge], edges[edge + 1]);
  const settings = { ...forceAtlas2.inferSettings(graph), barnesHutOptimize: count > 500, adjustSizes: count < 400 };
  let done = 0;

  function slice(): void {
    if (mine !== turn) return;
    const until = performance.now() + SLICE_MS;
    do {
      forceAtlas2.assign(graph, { iterations: 1, settings });
      done += 1;
    } while (performance.now() < until && done < MOST_ITERATIONS);
    const told = new Float32Array(2 * count);
    graph.forEachNode((node, { x, y }) => {
      told[2 * Number(node)] = x as number;
      told[2 * Number(node) + 1] = y as number;
    });
    postMessage({ places: told, over: done >= MOST_ITERATIONS }, { transfer: [told.buffer] });
    if (done < MOST_ITERATIONS) setTimeout(slice, 0);
  }
  slice();
}
