/** The parts of ForceAtlas2 that its package ships without types. */
declare module "graphology-layout-forceatlas2/defaults.js" {
  import type { ForceAtlas2Settings } from "graphology-layout-forceatlas2";
  const defaults: ForceAtlas2Settings;
  export default defaults;
}

declare module "graphology-layout-forceatlas2/iterate.js" {
  import type { ForceAtlas2Settings } from "graphology-layout-forceatlas2";
  /** Moves all nodes once; both arrays hold ten and three numbers for each, nodes by their place in the first. */
  export default function iterate(settings: ForceAtlas2Settings, nodes: Float32Array, edges: Float32Array): void;
}
