// ESLint for the page's scripts; `make lint` runs it.
import eslint from "@eslint/js";
import globals from "globals";

export default [
  { ignores: ["**/*", "!demos/", "!demos/static/", "!demos/static/**"] },
  eslint.configs.recommended,
  { linterOptions: { reportUnusedDisableDirectives: "error" } },
  {
    files: ["demos/static/**/*.js"],
    languageOptions: { globals: globals.browser },
    rules: {
      eqeqeq: "error",
      "no-shadow": "error",
      "no-var": "error",
      "prefer-const": "error",
      "no-implicit-coercion": ["error", { boolean: false }],
      "no-console": ["error", { allow: ["error"] }],
    },
  },
  { files: ["demos/static/page.js"], rules: { "no-unused-expressions": "off" } }, // one expression: a function
  { files: ["demos/static/talk/worklet.js"], languageOptions: { globals: globals.audioWorklet } },
];
