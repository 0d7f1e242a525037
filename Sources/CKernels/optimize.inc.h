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

CK_CLONES static void CK(adamax)(T *x, const T *grad, T *mean, T *norm, long n, CKAdam o) {
  const T sign = o.maximize ? -1 : 1, decay = (T)o.weight_decay, eps = (T)o.eps;
  const T w1 = (T)(1 - o.beta1), beta2 = (T)o.beta2, step = (T)(o.lr / o.correction1);
  for (long i = 0; i < n; i++) {
    const T g = sign * grad[i] + decay * x[i];
    const T m = mean[i] + w1 * (g - mean[i]), old = beta2 * norm[i];
    const T size = __builtin_elementwise_abs(g) + eps;
    // Either being NaN gives NaN.
    const T u = size > old || size != size ? size : old;
    mean[i] = m, norm[i] = u;
    x[i] -= step * m / u;
  }
}

CK_CLONES static void CK(nadam)(
    T *x, const T *grad, T *mean, T *square, long n, CKAdam o, double of_grad, double of_mean) {
  const T sign = o.maximize ? -1 : 1, eps = (T)o.eps;
  const T decay = o.decoupled_decay ? 0 : (T)o.weight_decay;
  const T shrink = o.decoupled_decay ? (T)(1 - o.lr * o.weight_decay) : 1;
  const T w1 = (T)(1 - o.beta1), beta2 = (T)o.beta2, w2 = (T)(1 - o.beta2);
  const T a = (T)of_grad, b = (T)of_mean, correction = (T)o.correction2;
  for (long i = 0; i < n; i++) {
    const T p = x[i] * shrink, g = sign * grad[i] + decay * p;
    const T m = mean[i] + w1 * (g - mean[i]), v = beta2 * square[i] + w2 * g * g;
    const T root = __builtin_elementwise_sqrt(v / correction) + eps;
    mean[i] = m, square[i] = v;
    x[i] = p - (a * g + b * m) / root;
  }
}

CK_CLONES static void CK(radam)(
    T *x, const T *grad, T *mean, T *square, long n, CKAdam o, double rectification) {
  const T sign = o.maximize ? -1 : 1, eps = (T)o.eps;
  const T decay = o.decoupled_decay ? 0 : (T)o.weight_decay;
  const T shrink = o.decoupled_decay ? (T)(1 - o.lr * o.weight_decay) : 1;
  const T w1 = (T)(1 - o.beta1), beta2 = (T)o.beta2, w2 = (T)(1 - o.beta2);
  const T step = (T)(o.lr / o.correction1), scale = (T)(rectification * sqrt(o.correction2));
  for (long i = 0; i < n; i++) {
    const T p = x[i] * shrink, g = sign * grad[i] + decay * p;
    const T m = mean[i] + w1 * (g - mean[i]), v = beta2 * square[i] + w2 * g * g;
    mean[i] = m, square[i] = v;
    const T factor = rectification > 0 ? scale / (__builtin_elementwise_sqrt(v) + eps) : 1;
    x[i] = p - step * m * factor;
  }
}

CK_CLONES static void CK(rmsprop)(
    T *x, const T *grad, T *square, T *momentum, T *mean, long n, CKRMSprop o) {
  const T sign = o.maximize ? -1 : 1, decay = (T)o.weight_decay, eps = (T)o.eps;
  const T alpha = (T)o.alpha, w = (T)(1 - o.alpha), keep = (T)o.momentum, lr = (T)o.lr;
  for (long i = 0; i < n; i++) {
    const T g = sign * grad[i] + decay * x[i];
    const T v = alpha * square[i] + w * g * g;
    square[i] = v;
    T spread = v;
    if (mean) {
      const T m = mean[i] + w * (g - mean[i]);
      mean[i] = m;
      spread = v - m * m;
    }
    T change = g / (__builtin_elementwise_sqrt(spread) + eps);
    if (momentum) {
      change += keep * momentum[i];
      momentum[i] = change;
    }
    x[i] -= lr * change;
  }
}

CK_CLONES static void CK(adagrad)(T *x, const T *grad, T *sum, long n, CKAdagrad o) {
  const T sign = o.maximize ? -1 : 1, decay = (T)o.weight_decay, eps = (T)o.eps, lr = (T)o.lr;
  for (long i = 0; i < n; i++) {
    const T g = sign * grad[i] + decay * x[i], s = sum[i] + g * g;
    sum[i] = s;
    x[i] -= lr * g / (__builtin_elementwise_sqrt(s) + eps);
  }
}

CK_CLONES static void CK(adadelta)(
    T *x, const T *grad, T *square, T *change, long n, CKAdadelta o) {
  const T sign = o.maximize ? -1 : 1, decay = (T)o.weight_decay, eps = (T)o.eps, lr = (T)o.lr;
  const T rho = (T)o.rho, w = (T)(1 - o.rho);
  for (long i = 0; i < n; i++) {
    const T g = sign * grad[i] + decay * x[i], v = rho * square[i] + w * g * g;
    const T root = __builtin_elementwise_sqrt(v + eps);
    const T d = __builtin_elementwise_sqrt(change[i] + eps) / root * g;
    square[i] = v;
    change[i] = rho * change[i] + w * d * d;
    x[i] -= lr * d;
  }
}
