/** What a schema says is wrong with a value, as the library that checks it tells it. */
interface Issue {
  readonly code?: string | undefined;
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** One thing that is wrong, and where. */
export interface Fault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Names that a form does not know, and those of its own that are not there: what tells that another form was meant. */
function strangeness(issues: readonly Issue[]): number {
  return issues.reduce((sum, issue) => {
    if (issue.code === 'unrecognized_keys' && 'keys' in issue && Array.isArray(issue.keys))
      return sum + issue.keys.length;
    if (issue.path.length === 0 || issue.message.endsWith('received undefined')) return sum + 1;
    return sum;
  }, 0);
}

/** One name that is wrong is taken for a slip within a form; with more, nobody knows which was meant. */
const STRANGE_MAX = 1;

/** The issues of the one form of several that was meant, where that can be told. */
function meant(forms: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const sorted = forms
    .map((issues) => ({ issues, strange: strangeness(issues) }))
    .sort((x, y) => x.strange - y.strange);
  const [first, second] = sorted;
  if (!first || first.strange > STRANGE_MAX || first.strange === second?.strange) return undefined;
  return first.issues;
}

/**
 * Says field by field what is wrong. Of a value that may have several forms a schema says that it has none of them; where
 * one of them was plainly meant, this says what is wrong within that one.
 */
export function faultsOf(issues: readonly Issue[]): Fault[] {
  return issues.flatMap((issue): Fault[] => {
    const { path, message } = issue;
    const forms = issue.code === 'invalid_union' && 'errors' in issue ? issue.errors : undefined;
    // Sound: so the library says of this code.
    const within = Array.isArray(forms) ? meant(forms as Issue[][]) : undefined;
    if (within === undefined) return [{ path, message }];
    return faultsOf(within).map((fault) => ({ ...fault, path: [...path, ...fault.path] }));
  });
}
