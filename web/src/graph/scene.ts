import Graph from "graphology";
import Sigma from "sigma";
import { EdgeLineProgram, NodePointProgram } from "sigma/rendering";
import type { Entity, Relation, View } from "../shared/values";

/** From so many nodes on, edges are thin lines, and names are not drawn while the picture is dragged, as edges never are. */
const MANY = 2000;
/** So many nodes have room in their full size. */
const ROOMY = 300;
/** Pixels of a node from which on its name is drawn. */
const LABELLED = 7;
/** Pixels beside an edge that are clicked for it. */
const NEAR = 5;
const COLOURS = ["#c2410c", "#2563eb", "#15803d", "#9333ea", "#b45309", "#0f766e", "#be185d", "#4d7c0f", "#475569", "#b91c1c"];

/** Entities as nodes and relations as edges, drawn by sigma; places come from a worker. */
export class Scene {
  readonly graph = new Graph({ multi: true, type: "directed" });
  readonly sigma: Sigma;
  #worker = new Worker(new URL("./layout.worker.ts", import.meta.url), { type: "module" });
  #kinds: string[] = [];
  moving = false;

  constructor(
    target: HTMLElement,
    dark: boolean,
    onNode: (name: string) => void,
    onEdge: (relation: Relation) => void,
    private readonly changed: () => void,
  ) {
    const ink = dark ? "#f0ebe5" : "#1f1c19";
    this.sigma = new Sigma(this.graph, target, {
      allowInvalidContainer: true, defaultEdgeColor: dark ? "#4a443d" : "#cfc7bd", labelColor: { color: ink }, labelDensity: 0.6,
      labelRenderedSizeThreshold: LABELLED, hideEdgesOnMove: true,
      nodeProgramClasses: { point: NodePointProgram }, edgeProgramClasses: { thin: EdgeLineProgram },
    });
    this.sigma.on("clickNode", ({ node }) => onNode(node));
    this.sigma.on("clickStage", ({ event }) => {
      const edge = this.#edgeAt(event);
      if (edge) onEdge(this.graph.getEdgeAttribute(edge, "relation") as Relation);
    });
    this.#worker.onmessage = (event: MessageEvent<{ places: Float32Array; over: boolean }>) => this.#place(event.data);
  }

  /** The nearest edge to a place in pixels; sigma's own search draws every edge once more for each frame. */
  #edgeAt(place: { x: number; y: number }): string | null {
    const { x, y } = this.sigma.viewportToGraph(place);
    const beside = this.sigma.viewportToGraph({ x: place.x + NEAR, y: place.y });
    let least = Math.hypot(beside.x - x, beside.y - y);
    let nearest: string | null = null;
    this.graph.forEachEdge((edge, _, __, ___, a, b) => {
      if (a.hidden || b.hidden) return;
      const [dx, dy] = [b.x - a.x, b.y - a.y];
      const along = Math.min(1, Math.max(0, ((x - a.x) * dx + (y - a.y) * dy) / (dx * dx + dy * dy || 1)));
      const far = Math.hypot(a.x + along * dx - x, a.y + along * dy - y);
      if (far < least) [least, nearest] = [far, edge];
    });
    return nearest;
  }

  /** Put what comes aside, undrawn, until `draw`: to draw each part of a large graph takes longer than to get it. */
  gather(): void {
    this.clear();
    this.sigma.setGraph(new Graph());
  }

  draw(): void {
    const many = this.graph.order > MANY;
    const scale = Math.min(1, Math.sqrt(ROOMY / this.graph.order)); // so many as large as a few would cover one another
    this.graph.forEachNode((_, attributes) => (attributes.size *= scale));
    this.sigma.setSettings({ hideLabelsOnMove: many, defaultNodeType: many ? "point" : "circle", defaultEdgeType: many ? "thin" : "line", labelRenderedSizeThreshold: LABELLED * scale });
    this.sigma.setGraph(this.graph);
    this.settle();
  }

  get kinds(): string[] {
    return this.#kinds;
  }

  /** Add what is not there yet, and find places for all. */
  add(view: View, near?: string): void {
    this.put(view, near);
    this.settle();
    this.changed();
  }

  /** Add what is not there yet, without looking for places; new nodes begin beside what they are tied to. */
  put(view: View, near?: string): void {
    const start = near && this.graph.hasNode(near) ? this.graph.getNodeAttributes(near) : { x: 0, y: 0 };
    for (const entity of view.entities) {
      const { id } = entity;
      if (this.graph.hasNode(id)) continue;
      const angle = Math.random() * 2 * Math.PI;
      const far = 1 + Math.random() * (near ? 5 : 100);
      this.graph.addNode(id, {
        entity, label: entity.name, size: 3 + 2.2 * Math.log2(1 + entity.mentions), color: this.colour(entity.type),
        x: start.x + far * Math.cos(angle), y: start.y + far * Math.sin(angle), hidden: false,
      });
    }
    for (const relation of view.relations) this.#tie(relation);
    if (this.sigma.getGraph() === this.graph) this.sigma.refresh(); // it must know a node before an attribute of it may change
  }

  #tie(relation: Relation): void {
    const { source_id: source, target_id: target } = relation;
    const id = `${source} ${relation.label} ${target}`;
    const there = this.graph.hasNode(source) && this.graph.hasNode(target);
    if (!there || this.graph.hasEdge(id)) return;
    this.graph.addEdgeWithKey(id, source, target, { relation, size: 1 });
    for (const end of [source, target]) {
      const { sources } = this.entity(end);
      for (const quote of relation.quotes) if (!sources.includes(quote.source)) sources.push(quote.source);
    }
  }

  colour(kind: string): string {
    if (!this.#kinds.includes(kind)) this.#kinds.push(kind);
    return COLOURS[this.#kinds.indexOf(kind) % COLOURS.length] ?? "#475569";
  }

  get entities(): Entity[] {
    return this.graph.mapNodes((_, { entity }) => entity as Entity);
  }

  entity(id: string): Entity {
    return this.graph.getNodeAttribute(id, "entity") as Entity;
  }

  settle(): void {
    const nodes = this.graph.nodes();
    const number = new Map(nodes.map((node, index) => [node, index]));
    const places = new Float32Array(2 * nodes.length);
    const sizes = new Float32Array(nodes.length);
    nodes.forEach((node, index) => {
      const { x, y, size } = this.graph.getNodeAttributes(node);
      places.set([x as number, y as number], 2 * index);
      sizes[index] = size as number;
    });
    const edges = new Uint32Array(2 * this.graph.size);
    let at = 0;
    this.graph.forEachEdge((_, __, source, target) => {
      edges[at++] = number.get(source) ?? 0;
      edges[at++] = number.get(target) ?? 0;
    });
    this.moving = true;
    this.#worker.postMessage({ places, sizes, edges }, [places.buffer, sizes.buffer, edges.buffer]);
  }

  hold(): void {
    this.#worker.postMessage(null);
    this.moving = false;
    this.changed();
  }

  #place({ places, over }: { places: Float32Array; over: boolean }): void {
    if (places.length !== 2 * this.graph.order || !this.moving) return;
    const began = performance.now();
    let at = 0;
    this.graph.forEachNode((_, attributes) => {
      attributes.x = places[at++] ?? 0;
      attributes.y = places[at++] ?? 0;
    });
    this.sigma.refresh({ partialGraph: { nodes: this.graph.nodes() } }); // told once, not once for each node
    const drawn = (): void => this.#worker.postMessage(performance.now() - began);
    requestAnimationFrame(() => requestAnimationFrame(drawn)); // the second begins when the first is on the screen
    if (over) {
      this.moving = false;
      this.changed();
    }
  }

  show(kinds: Set<string>, source: string): void {
    const hides = (entity: Entity): boolean => kinds.has(entity.type) || Boolean(source && !entity.sources.includes(source));
    this.graph.updateEachNodeAttributes((_, attributes) => ({
      ...attributes,
      hidden: hides(attributes.entity as Entity),
    }), { attributes: ["hidden"] });
  }

  focus(id: string): void {
    const place = this.sigma.getNodeDisplayData(id);
    if (place) void this.sigma.getCamera().animate({ x: place.x, y: place.y, ratio: 0.4 }, { duration: 300 });
  }

  clear(): void {
    this.graph.clear();
    this.hold();
  }

  end(): void {
    this.#worker.terminate();
    this.sigma.kill();
  }
}
