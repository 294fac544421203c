import { svelte } from "@sveltejs/vite-plugin-svelte";
import license from "rollup-plugin-license";
import { defineConfig, type Plugin } from "vite";

/** Every browser that runs these pages reads WOFF2; the other two forms of each font stay behind. */
const onlyWoff2: Plugin = {
  name: "only-woff2",
  enforce: "pre",
  transform(code, id) {
    if (!id.includes("katex.min.css")) return null;
    return code.replace(/,url\([^)]*\.(?:woff|ttf)\) format\("[a-z]+"\)/g, "");
  },
};

// The server sends what is built here with a strict policy: nothing inline, nothing from elsewhere.
export default defineConfig({
  base: "/",
  plugins: [onlyWoff2, svelte({ emitCss: true })],
  build: {
    outDir: "../src/glede/server/pages",
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
    license: { fileName: "licenses.md" },
  },
  // Workers are bundled apart, and Vite's own list of licenses leaves them out.
  worker: {
    format: "es",
    plugins: () => [license({ thirdParty: { output: "public/licenses-of-workers.txt" } })],
  },
  server: { proxy: { "/v1": "http://127.0.0.1:8787" } },
});
