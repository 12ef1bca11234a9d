// @ts-check
// The query of an address and its parameters. Pure: strings in, strings out.

/** @typedef {Record<string, string | readonly string[] | null | undefined>} QueryChanges  Values by name; a list is a
 * parameter that comes several times, null, "" and an empty list take it out. */

/** @param {string} query @param {string} name */
export const queryValues = (query, name) => new URLSearchParams(query).getAll(name);

/**
 * The query with other values; the same text where they are the values it has.
 * @param {string} query such as "?tab=talk" @param {QueryChanges} changes
 */
export function changedQuery(query, changes) {
  const parameters = new URLSearchParams(query);
  let differs = false;
  for (const [name, value] of Object.entries(changes)) {
    const wanted = (typeof value === "string" ? [value] : [...(value ?? [])]).filter((one) => one !== "");
    const had = parameters.getAll(name);
    if (had.length === wanted.length && had.every((one, place) => one === wanted[place])) continue;
    differs = true;
    parameters.delete(name);
    for (const one of wanted) parameters.append(name, one);
  }
  return differs ? written(parameters) : query;
}

/** With slashes and colons as they are, which a query may hold. @param {URLSearchParams} parameters */
function written(parameters) {
  const text = parameters.toString().replaceAll("%2F", "/").replaceAll("%3A", ":");
  return text && `?${text}`;
}
