/** Nothing but a string, or an integer so long that a double may round it, has sixteen digits in a row. */
const LONG_INTEGER = /\d{16}/;
const TOKEN = /"(?:[^"\\]|\\.)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const INTEGER = /^-?\d{16,}$/;

/** JSON text in which whole numbers that a double can't hold, which vendors use for ids, are the text of their digits. */
export function quoteLongIntegers(json: string): string {
  if (!LONG_INTEGER.test(json)) return json;
  return json.replace(TOKEN, (token) =>
    INTEGER.test(token) && !Number.isSafeInteger(Number(token)) ? `"${token}"` : token,
  );
}
