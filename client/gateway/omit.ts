/** A copy without the named members; own members alone, whatever their names, and nothing merged. */
export function omit<T extends object, K extends keyof T & string>(given: T, ...names: K[]): Omit<T, K> {
  const left = Object.entries(given).filter(([name]) => !(names as string[]).includes(name));
  // Sound: `fromEntries` defines each remaining member as it was.
  return Object.fromEntries(left) as Omit<T, K>;
}
