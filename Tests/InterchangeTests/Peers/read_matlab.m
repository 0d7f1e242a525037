% Loads a MAT-file in Octave, and prints of each number and array, by the fields that lead to it, its size and its
% elements along the columns, a line for each.
%
%     octave --no-gui -q read_matlab.m FILE
1;

function show(name, value)
  if isstruct(value)
    for [member, key] = value
      show([name "." key], member);
    end
  else
    flat = double(value(:)).';
    if iscomplex(flat)
      flat = [real(flat); imag(flat)](:).';
    end
    printf("%s [%s]%s\n", name, strtrim(sprintf("%d ", size(value))), sprintf(" %.17g", flat));
  end
end

content = load(argv(){1});
for [value, key] = content
  show(key, value);
end
