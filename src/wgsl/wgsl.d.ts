declare module '*.wgsl' {
  const kernel: import('../graph/kernel').Kernel;
  export default kernel;
}
