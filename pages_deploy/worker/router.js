// Answers requests by the functions of a directory, as Pages does.
//
// 1. Middleware, from the least specific route to the most specific one.
// 2. The module of the most specific route that matches exactly; only this one.
// 3. What is left to nobody, or what a handler hands on by `next()` at the end, is the site's.
//
// All steps are chosen by the path and the method of the request as it came.
// https://developers.cloudflare.com/pages/functions/routing/ and .../middleware/; how paths match is
// what npm's path-to-regexp 6 makes of them, which wrangler's own router uses.

const WITHOUT_BODY = new Set([101, 204, 205, 304]);

/**
 * A route: `path` and `mount` with parameters as `:name` and `:name*`, `method` ("" for all), and
 * `module` and `middleware`, functions that look the handlers up when they are needed.
 *
 * @param {{path: string, mount: string, method: string,
 *   module?: () => unknown, middleware?: () => unknown}[]} routes the most specific first
 */
export function createRouter(routes) {
  const compiled = routes.map((route) => ({
    method: route.method,
    module: route.module,
    middleware: route.middleware,
    exact: matcher(route.path, true),
    prefix: matcher(route.path, false),
    mount: matcher(route.mount, false),
  }));
  return {
    fetch(request, env, execution) {
      return new Course(stepsOf(compiled, request), request, env, execution).run();
    },
  };
}

/** What one request goes through. */
class Course {
  #steps;
  #request;
  #env;
  #execution;
  #data = {};
  #failsOpen = false;

  constructor(steps, request, env, execution) {
    this.#steps = steps;
    this.#request = request;
    this.#env = env;
    this.#execution = execution;
  }

  async run() {
    try {
      return await this.#next();
    } catch (error) {
      if (!this.#failsOpen) throw error;
      return this.#site();
    }
  }

  async #next(input, init) {
    if (input !== undefined) {
      const url = typeof input === "string" ? new URL(input, this.#request.url).href : input;
      this.#request = new Request(url, init);
    }
    const { done, value: step } = this.#steps.next();
    if (done) return this.#site();
    const { handler, functionPath, params } = step;
    const answer = await handler(this.#context(functionPath, params));
    if (!(answer instanceof Response)) {
      throw new Error("Your Pages function should return a Response");
    }
    return changeable(answer);
  }

  async #site() {
    return changeable(await this.#env.ASSETS.fetch(this.#request));
  }

  #context(functionPath, params) {
    const course = this;
    return {
      // Each handler has one of its own, so that each may read the body.
      request: new Request(this.#request.clone()),
      functionPath,
      next: (input, init) => this.#next(input, init),
      params,
      get data() {
        return course.#data;
      },
      set data(value) {
        if (typeof value !== "object" || value === null) {
          throw new Error("context.data must be an object");
        }
        course.#data = value;
      },
      env: this.#env,
      waitUntil: (promise) => this.#execution.waitUntil(promise),
      passThroughOnException: () => {
        this.#failsOpen = true;
      },
    };
  }
}

function* stepsOf(routes, request) {
  const path = new URL(request.url).pathname;
  const takes = (route) => route.method === "" || route.method === request.method;
  for (const route of routes.toReversed()) {
    if (!route.middleware || !takes(route)) continue;
    const found = covering(route, path);
    if (found) yield* handlersOf(route.middleware, found.functionPath, found.params);
  }
  for (const route of routes) {
    if (!route.module || !takes(route)) continue;
    const found = route.exact(path);
    if (found && route.mount(path)) {
      yield* handlersOf(route.module, found.text, found.params);
      return;
    }
  }
}

function* handlersOf(find, functionPath, params) {
  // A handler may be a list of handlers, one level deep.
  for (const handler of [find()].flat()) yield { handler, functionPath, params };
}

/** Whether a route's middleware covers a path; doubled slashes do not get past it. */
function covering(route, path) {
  for (const tried of [path, path.replace(/\/{2,}/g, "/")]) {
    const found = route.prefix(tried);
    const mounted = found && route.mount(tried);
    if (mounted) {
      const length = tried === path ? mounted.text.length : lengthBefore(path, mounted.text.length);
      return { functionPath: path.slice(0, length), params: found.params };
    }
  }
  return undefined;
}

/** How much of a path has so many characters once its doubled slashes are single ones. */
function lengthBefore(path, wanted) {
  let length = 0;
  for (let counted = 0; length < path.length; length += 1) {
    const isRepeated = path[length] === "/" && path[length - 1] === "/";
    if (!isRepeated && counted === wanted) break;
    counted += isRepeated ? 0 : 1;
  }
  return length;
}

/** Answers by the same, with headers that may be changed. */
function changeable(answer) {
  return new Response(WITHOUT_BODY.has(answer.status) ? null : answer.body, answer);
}

/** Make a function that says how a path matches a route: to its end, or as a beginning of it. */
function matcher(route, toTheEnd) {
  const parameters = [];
  let source = "^";
  // Text since the last parameter, which decides what the next one may not contain.
  let text = "";
  for (const { literal, name, isMany } of partsOf(route)) {
    if (name === undefined) {
      text = literal;
      // A catch-all takes the slash before it along, so it is written there.
      source += escaped(literal);
      continue;
    }
    const isSafe = text === "" || /[/#?]/.test(text);
    const one = isSafe ? "[^/#?]+?" : `(?:(?!${escaped(text)})[^/#?])+?`;
    if (isMany) {
      source = source.slice(0, -escaped("/").length);
      source += `(?:/((?:${one})(?:/(?:${one}))*))?`;
    } else {
      source += `(${one})`;
    }
    parameters.push({ name, isMany });
    text = "";
  }
  if (toTheEnd) source += "[/#?]?$";
  else source += route.endsWith("/") ? "(?:[/#?](?=$))?" : "(?:[/#?](?=$))?(?=[/#?]|$)";
  const pattern = new RegExp(source, "i");
  return (path) => {
    const found = pattern.exec(path);
    if (!found) return undefined;
    const params = Object.create(null);
    parameters.forEach(({ name, isMany }, index) => {
      const value = found[index + 1];
      if (value !== undefined) params[name] = isMany ? value.split("/") : value;
    });
    return { text: found[0], params };
  };
}

/** Take a route apart into its texts and its parameters. */
function partsOf(route) {
  return route
    .split(/(:\w+\*?)/)
    .filter((part) => part !== "")
    .map((part) =>
      part.startsWith(":")
        ? { name: part.slice(1).replace("*", ""), isMany: part.endsWith("*") }
        : { literal: part },
    );
}

function escaped(text) {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}
