// Included once for each element type, with T and CK_SUFFIX set.

CK_CLONES static void CK(sgd)(T *x, const T *grad, T *momentum, long n, CKSGD o) {
  const T sign = o.maximize ? -1 : 1, decay = (T)o.weight_decay, lr = (T)o.lr;
  const T keep = (T)o.momentum, add = (T)(1 - o.dampening);
  if (!momentum) {
    for (long i = 0; i < n; i++) x[i] -= lr * (sign * grad[i] + decay * x[i]);
  } else if (o.first_step) {
    for (long i = 0; i < n; i++) {
      const T g = sign * grad[i] + decay * x[i];
      momentum[i] = g;
      x[i] -= lr * (o.nesterov ? g + keep * g : g);
    }
  } else {
    for (long i = 0; i < n; i++) {
      const T g = sign * grad[i] + decay * x[i];
      const T m = keep * momentum[i] + add * g;
      momentum[i] = m;
      x[i] -= lr * (o.nesterov ? g + keep * m : m);
    }
  }
}

CK_CLONES static void CK(adam)(
    T *x, const T *grad, T *mean, T *square, T *greatest, long n, CKAdam o) {
  const T sign = o.maximize ? -1 : 1, eps = (T)o.eps;
  const T decay = o.decoupled_decay ? 0 : (T)o.weight_decay;
  const T shrink = o.decoupled_decay ? (T)(1 - o.lr * o.weight_decay) : 1;
  const T w1 = (T)(1 - o.beta1), beta2 = (T)o.beta2, w2 = (T)(1 - o.beta2);
  const T step = (T)(o.lr / o.correction1), root = (T)sqrt(o.correction2);
  if (greatest) {
    for (long i = 0; i < n; i++) {
      const T p = x[i] * shrink, g = sign * grad[i] + decay * p;
      const T m = mean[i] + w1 * (g - mean[i]), v = beta2 * square[i] + w2 * g * g;
      const T top = greatest[i] > v ? greatest[i] : v;
      mean[i] = m, square[i] = v, greatest[i] = top;
      x[i] = p - step * m / (__builtin_elementwise_sqrt(top) / root + eps);
    }
  } else {
    for (long i = 0; i < n; i++) {
      const T p = x[i] * shrink, g = sign * grad[i] + decay * p;
      const T m = mean[i] + w1 * (g - mean[i]), v = beta2 * square[i] + w2 * g * g;
      mean[i] = m, square[i] = v;
      x[i] = p - step * m / (__builtin_elementwise_sqrt(v) / root + eps);
    }
  }
}
