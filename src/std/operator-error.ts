// The base of errors that whoever started the program can mend: bad settings, a path that is not there, a port that is
// taken. Any other error is a fault of the program.

/** An error for the operator; `message` is one line that says what is wrong and what to do. */
export class OperatorError extends Error {}
