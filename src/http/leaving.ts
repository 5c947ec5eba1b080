/** Tells routes and plugins that this process is about to end. */
export interface Leaving {
  /** True from the first signal on: requests are answered still, and load balancers send no more. */
  isLeaving: boolean;
}
