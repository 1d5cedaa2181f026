// Copies the Design System's style sheet into static/. The crown's typeface is not ours to use: its rules are taken out,
// and every mention of it becomes a custom property that console.css sets.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const from = join(here, "..", "..", "node_modules", "govuk-frontend", "dist", "govuk", "govuk-frontend.min.css");
const css = readFileSync(from, "utf8")
  .replace(/@font-face\s*\{[^}]*\}/g, "")
  .replace(/"?GDS Transport"?,\s*arial,\s*sans-serif/g, "var(--console-font)")
  .replace(/\/\*# sourceMappingURL=.*?\*\//g, "");
if (/GDS Transport/.test(css) || !css.includes("var(--console-font)")) {
  throw new Error("the Design System names its typeface in a way that this script does not know");
}
mkdirSync(join(here, "static"), { recursive: true });
writeFileSync(join(here, "static", "govuk-frontend.min.css"), css);
