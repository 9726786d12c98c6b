using Rindoku.Nn;
using Rindoku.Ops;

namespace Rindoku.Papers.Vision.Sla;

/// <summary>How transformed copies of the training images are learned from.</summary>
public enum Method
{
    /// <summary>Not at all: the images as they are.</summary>
    Baseline,

    /// <summary>As more images of the same classes (DA): the answer must not depend on the transformation.</summary>
    DataAugmentation,

    /// <summary>By a head for the class and another for the transformation (MT).</summary>
    MultiTask,

    /// <summary>By one head for both together (SLA).</summary>
    LabelAugmentation,

    /// <summary>The same, and a further head that learns what the copies say together (SLA+SD).</summary>
    SelfDistillation,
}

/// <summary>A trunk f with the heads of a <see cref="Sla.Method"/>.</summary>
/// <remarks>
/// <para>σ(f) has N logits, v(f) has M, and the joint head u(f) has N M, that of class i and transformation j at place i M + j.</para>
/// <para>Source: Lee, Hwang and Shin 2020, arXiv:1910.05872, equations 1 to 5.</para>
/// </remarks>
public sealed class LabelAugmentation : Layer
{
    private readonly Layer trunk;
    private readonly Linear? classes, transformationHead, joint;
    private readonly int classCount;

    /// <summary>A network.</summary>
    /// <param name="trunk">f: from images to features (n, <paramref name="features"/>).</param>
    /// <param name="features">How many features.</param>
    /// <param name="classes">N.</param>
    /// <param name="transformations">The transformations, M of them.</param>
    /// <param name="method">How it learns; decides which heads there are.</param>
    /// <param name="rng">Source of the heads' start values.</param>
    public LabelAugmentation(Layer trunk, int features, int classes, Transformations transformations, Method method, Rng rng)
    {
        ArgumentNullException.ThrowIfNull(transformations);
        ArgumentNullException.ThrowIfNull(rng);
        (classCount, Transformations, Method) = (classes, transformations, method);
        this.trunk = Register("trunk", trunk);
        bool isJoint = method is Method.LabelAugmentation or Method.SelfDistillation;
        if (isJoint) joint = Register("joint", new Linear(features, classes * transformations.Count, rng.Split("joint")));
        if (method != Method.LabelAugmentation) this.classes = Register("classes", new Linear(features, classes, rng.Split("classes")));
        if (method == Method.MultiTask) transformationHead = Register("transformations", new Linear(features, transformations.Count, rng.Split("transformations")));
    }

    /// <summary>How it learns.</summary>
    public Method Method { get; }

    /// <summary>The transformations.</summary>
    public Transformations Transformations { get; }

    /// <summary>The logits of one pass, (n, N): σ(f(x)), or without such a head u_{i,0}(f(x)), single inference (SI).</summary>
    public override Tensor Forward(Tensor x)
    {
        Tensor features = trunk.Forward(x);
        return classes?.Forward(features) ?? Columns(joint!.Forward(features), 0);
    }

    /// <summary>The logits of all M copies taken together (AG), (n, N): the mean over j of u_{i,j}(f(t_j(x))); of σ where there is no joint head.</summary>
    public Tensor Aggregated(Tensor x)
    {
        Tensor features = trunk.Forward(Transformations.Copies(x));
        if (joint is not null) return Aggregate(joint.Forward(features));
        Tensor logits = classes!.Forward(features);
        return logits.Reshape(x.Shape[0], Transformations.Count, classCount).Mean([1]);
    }

    /// <summary>The loss of the method.</summary>
    /// <param name="x">Images, (n, C, H, W), after crops and mirroring, which all copies share.</param>
    /// <param name="y">Their classes.</param>
    /// <param name="beta">How much the distilled head's own cross-entropy counts.</param>
    public Tensor Loss(Tensor x, IntTensor y, double beta = 1)
    {
        ArgumentNullException.ThrowIfNull(x);
        if (Method == Method.Baseline) return classes!.Forward(trunk.Forward(x)).CrossEntropy(y);
        Tensor features = trunk.Forward(Transformations.Copies(x)); // one pass: the statistics of batch normalisation are of all copies
        switch (Method)
        {
            case Method.DataAugmentation:
                return classes!.Forward(features).CrossEntropy(Transformations.Repeated(y));
            case Method.MultiTask:
                return classes!.Forward(features).CrossEntropy(Transformations.Repeated(y))
                    + transformationHead!.Forward(features).CrossEntropy(Transformations.Numbers(x.Shape[0]));
        }
        Tensor logits = joint!.Forward(features), loss = logits.CrossEntropy(Transformations.JointLabels(y));
        if (Method == Method.LabelAugmentation) return loss;
        Tensor untransformed = features.Reshape(x.Shape[0], Transformations.Count, features.Shape[1]).Select(1, 0);
        Tensor student = classes!.Forward(untransformed);
        return loss + Distillation(Aggregate(logits), student) + student.CrossEntropy(y) * (float)beta;
    }

    /// <summary>KL(softmax(teacher) ‖ softmax(student)), the mean over images; no gradient goes to the teacher.</summary>
    public static Tensor Distillation(Tensor teacher, Tensor student)
    {
        ArgumentNullException.ThrowIfNull(teacher);
        ArgumentNullException.ThrowIfNull(student);
        Tensor target = teacher.Detach().LogSoftmax(1);
        return student.LogSoftmax(1).KlDivergence(target, logTarget: true, Reduction.Sum) * (1f / student.Shape[0]);
    }

    /// <summary>s_i = (1/M) Σ_j u_{i,j}(t_j(x)): of the j-th copy only the j-th column counts. (n M, N M) → (n, N).</summary>
    public Tensor Aggregate(Tensor logits)
    {
        ArgumentNullException.ThrowIfNull(logits);
        int copies = Transformations.Count;
        Tensor byCopy = logits.Reshape(logits.Shape[0] / copies, copies, classCount * copies);
        Tensor sum = Columns(byCopy.Select(1, 0), 0);
        for (int j = 1; j < copies; j++) sum += Columns(byCopy.Select(1, j), j);
        return sum * (1f / copies);
    }

    /// <summary>The logits of one transformation, u_{i,j} for all i: (n, N M) → (n, N).</summary>
    public Tensor Columns(Tensor logits, int transformation)
    {
        ArgumentNullException.ThrowIfNull(logits);
        return logits.Reshape(logits.Shape[0], classCount, Transformations.Count).Select(2, transformation);
    }
}
