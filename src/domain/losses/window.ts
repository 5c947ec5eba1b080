/** Places of the teacher's list in which losses look up what it thinks of the student's own favourites. */
export const WINDOW = 500;
