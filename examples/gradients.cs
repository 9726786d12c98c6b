#!/usr/bin/env dotnet
#:project ../src/Rindoku/Rindoku.csproj

// Derivatives of any order: dotnet run -c Release examples/gradients.cs

using Rindoku;
using Rindoku.Ops;

Tensor x = Tensor.Of(0.5f, 1, 2).Tracked();
Tensor y = (x * x.Sin()).Sum();

Tensor first = Grad.Of(y, x, createGraph: true);      // sin x + x cos x
Tensor second = Grad.Of(first.Sum(), x);              // 2 cos x - x sin x
Console.WriteLine($"first  {first}");
Console.WriteLine($"second {second}");

// A Hessian times a vector, without ever forming the Hessian: here of x'Ax, so that H = A + A'.
Tensor a = Tensor.From([2, 1, 0, 3], [2, 2]);
Tensor product = Grad.Hvp(p => p.MatMul(a).MatMul(p), Tensor.Of(1, 1), Tensor.Of(1, 0));
Console.WriteLine($"H v    {product}");
